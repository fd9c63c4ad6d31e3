"""Build backend (PEP 517) of the stubs: typings/NAME becomes NAME-stubs in the wheel.

Type checkers find stub-only packages by that suffix (PEP 561); in the tree the folders have plain
names, so that `typings` can be a checker's stub path as it is.  The wheel's bytes depend on the
stubs alone.
"""

import base64
import hashlib
import tomllib
import zipfile
from pathlib import Path

_HERE = Path(__file__).parent.parent
_WHEEL = "Wheel-Version: 1.0\nGenerator: stubwheel\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def _files(project: dict, info: str) -> dict[str, bytes]:
    """What the wheel holds but for its RECORD."""
    found = {}
    for path in sorted((_HERE / "typings").rglob("*.pyi")):
        package, _, rest = path.relative_to(_HERE / "typings").as_posix().partition("/")
        if rest:  # __builtins__.pyi is for a stub path only
            found[f"{package}-stubs/{rest}"] = path.read_bytes()
    lines = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}"]
    lines += [f"Summary: {project['description']}", f"License: {project['license']['text']}"]
    lines += [f"Requires-Python: {project['requires-python']}", ""]
    found[f"{info}/METADATA"] = "\n".join(lines).encode()
    found[f"{info}/WHEEL"] = _WHEEL.encode()
    return found


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Write the wheel; its name."""
    project = tomllib.loads((_HERE / "pyproject.toml").read_text())["project"]
    stem = f"{project['name'].replace('-', '_')}-{project['version']}"
    info = f"{stem}.dist-info"
    files = _files(project, info)
    record = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.append(f"{name},sha256={digest},{len(data)}")
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    wheel = f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory, wheel), "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            out.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return wheel
