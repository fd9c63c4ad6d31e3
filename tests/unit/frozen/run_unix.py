"""MicroPython's side of test_unix.py: runs every test_* function of one file."""

import sys


def run(path):
    """Import the file and call its tests; 0 when there were some and all passed."""
    folder, name = path.rsplit("/", 1)
    sys.path.insert(0, folder)
    module = __import__(name[: -len(".py")])
    passed = failed = 0
    for name in sorted(dir(module)):
        if not name.startswith("test_"):
            continue
        try:
            getattr(module, name)()
            passed += 1
        except Exception as why:
            failed += 1
            print("FAILED", name)
            sys.print_exception(why)
    print(passed, "passed,", failed, "failed")
    return 0 if passed and not failed else 1


sys.exit(run(sys.argv[1]))
