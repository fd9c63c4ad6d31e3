"""ush: variables, echo, help and what else needs no device."""

import sys
import time

import boot
import rawmem

import shell_table
from shell import Failed, Usage, reason

_MIB = 1 << 20
FILE = "/ush.env"  # saved variables: on the disk that is Python's root


def scratch():
    """(base, size) of RAM that nobody has: the upper half of the largest free piece.

    Python's heap grows from the lower end.  (0, 0) where none is free.
    """
    base, size = max(rawmem.free(), key=lambda run: run[1], default=(0, 0))
    start = (base + size // 2 + _MIB - 1) & -_MIB
    return (start, base + size - start) if start < base + size else (base, size)


def defaults():
    """The variables of a new shell."""
    hw = boot.hw()
    env = {"arch": "arm", "cpu": "armv8", "board": hw["product"] or "pyrallax"}
    env["vendor"] = hw["vendor"]
    env["ver"] = version_text()
    env["loadaddr"] = "0x%x" % scratch()[0]
    return {name: value for name, value in env.items() if value}


def started():
    """The variables of a new shell, with those that were saved."""
    env = defaults()
    try:
        with open(FILE, "rb") as file:
            for entry in file.read().split(b"\0")[:-1]:
                name, _, value = entry.decode().partition("=")
                if name:
                    env[name] = value
    except (OSError, ValueError):  # none, or not what _save() wrote
        pass
    return env


def version_text():
    """What `version` and the sign-on say."""
    return "Pyrallax %s (build %s) ush" % (boot.version, boot.build_id()[:8])


def do_version(sh, words):
    sh.say(version_text())
    sh.say(sys.version.split("; ")[-1])


def do_help(sh, words):
    if len(words) == 1:
        for entry in shell_table.entries():
            sh.say("%-10s- %s" % (entry.name, entry.title))
        return 0
    status = 0
    for name in words[1:]:
        entry = shell_table.find(name)
        if entry is None:
            sh.say(
                "Unknown command '%s' - try 'help' without arguments for list of all known "
                "commands\n" % name
            )
            status = 1
        else:
            sh.say("%s - %s\n\n%s" % (entry.name, entry.title, entry.usage()))
    return status


def do_echo(sh, words):
    newline = words[1:2] != ["-n"]
    text = " ".join(words[1 if newline else 2 :])
    if newline:
        sh.say(text)
    else:
        sh.say(text, end="")


def do_true(sh, words):
    return 0


def do_false(sh, words):
    return 1


def do_exit(sh, words):
    sh.going = False
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0


def do_sleep(sh, words):
    if len(words) != 2:
        raise Usage
    try:
        seconds = float(words[1])
    except ValueError:
        raise Usage
    if not seconds >= 0:  # nan
        raise Usage
    time.sleep(seconds)


def do_reset(sh, words):
    import os

    import machine

    sh.say("resetting ...")
    os.sync()
    machine.reset()


def do_bdinfo(sh, words):
    """The one bank is the RAM that nobody has: tools take its start for memory they may use."""
    base, size = scratch()
    sh.say("boot_params = 0x%016x" % 0)
    sh.say("DRAM bank   = 0x%016x" % 0)
    sh.say("-> start    = 0x%016x" % base)
    sh.say("-> size     = 0x%016x" % size)


# ---- variables


def _print(sh, names):
    if not names or names == ["-a"]:
        total = 0
        for name in sorted(sh.env):
            text = "%s=%s" % (name, sh.env[name])
            total += len(text) + 1
            sh.say(text)
        sh.say("\nEnvironment size: %d bytes" % total)
        return 0
    status = 0
    for name in names:
        if name in sh.env:
            sh.say("%s=%s" % (name, sh.env[name]))
        else:
            sh.say('## Error: "%s" not defined' % name)
            status = 1
    return status


def _set(sh, words):
    """words: name, values.  None: delete."""
    if not words:
        raise Usage
    name = words[0]
    if not name or "=" in name:
        raise Failed("## Error: illegal character '=' in variable name \"%s\"" % name)
    if len(words) > 1:
        sh.env[name] = " ".join(words[1:])
    else:
        sh.env.pop(name, None)
    return 0


def _run(sh, names):
    if not names:
        raise Usage
    for name in names:
        if name not in sh.env:
            raise Failed('## Error: "%s" not defined' % name)
        if sh.execute(sh.env[name]):
            return sh.status
    return 0


def _delete(sh, names):
    for name in names:
        if name != "-f":
            sh.env.pop(name, None)
    return 0


def _default(sh, words):
    """words: -f, which changes nothing; -a for all, or names."""
    names = [word for word in words if word != "-f"]
    if not names or ("-a" in names and len(names) > 1):
        raise Usage
    known = defaults()
    if names == ["-a"]:
        sh.say("## Resetting to default environment")
        sh.env.clear()
        sh.env.update(known)
        return 0
    for name in names:
        if name in known:
            sh.env[name] = known[name]
        else:
            sh.env.pop(name, None)
    return 0


def _save(sh, words):
    """What differs from the defaults, which are another firmware's or machine's next time."""
    if words:
        raise Usage
    known = defaults()
    changed = ["%s=%s\0" % each for each in sh.env.items() if known.get(each[0]) != each[1]]
    try:
        with open(FILE, "wb") as file:
            file.write("".join(changed).encode())
    except OSError as why:
        raise Failed("## Error: no disk's root to write %s on: %s" % (FILE, reason(why)))
    sh.say("Saving Environment to %s... OK" % FILE)
    return 0


def do_printenv(sh, words):
    return _print(sh, words[1:])


def do_setenv(sh, words):
    return _set(sh, words[1:])


def do_run(sh, words):
    return _run(sh, words[1:])


def do_env(sh, words):
    verb, rest = (words[1], words[2:]) if len(words) > 1 else ("", [])
    if verb == "exists" and len(rest) == 1:
        return 0 if rest[0] in sh.env else 1
    if verb not in _VERBS:
        raise Usage
    return _VERBS[verb](sh, rest)


def do_saveenv(sh, words):
    return _save(sh, words[1:])


_VERBS = {
    "default": _default,
    "delete": _delete,
    "print": _print,
    "run": _run,
    "save": _save,
    "set": _set,
}
