"""Environments of labgrid: its YAML around what a test says of its drivers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labgrid import Environment

_YAML = """\
imports:
  - pyrallax.labgrid
targets:
  main:
    drivers:
"""


@contextmanager
def environment(folder: Path, drivers: str, rest: str = "") -> Iterator[Environment]:
    """With a target "main" of these drivers, which ends with it.

    drivers: YAML, indented by six.  rest: YAML, other keys.
    """
    path = folder / "environment.yaml"
    path.write_text(_YAML + drivers + rest)
    made = Environment(str(path))
    try:
        yield made
    finally:
        made.cleanup()
