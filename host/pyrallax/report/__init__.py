"""Hardware reports: what probe.hwreport writes on the target, fetched, checked and shown here.

The format is docs/schema/hwreport-N.json, N its version.
"""

import json
from pathlib import Path
from typing import Any

from .. import ROOT
from ..repl import Repl

VERSION = 1
_SCHEMA = ROOT / "docs" / "schema"
_FETCH_S = 300.0


class BadReport(Exception):
    """Not a report.  str(): where it departs from the schema."""


def fetch(repl: Repl, enable: bool = False) -> str:
    """Make a report at the prompt of a target; its JSON text.  Raises TargetError, BadReport.

    enable: let controllers whose memory decode is off be switched on while they are read.
    """
    text = repl.exec(f"import probe.hwreport as _h\n_h.write(enable={enable})\ndel _h", _FETCH_S)
    start = text.find("{")
    if start < 0:
        raise BadReport("the target wrote no report")
    return text[start:]


def parse(text: str) -> dict[str, Any]:
    """A report from its text.  Raises BadReport."""
    try:
        report = json.loads(text)
    except ValueError as why:
        raise BadReport(f"not JSON: {why}") from None
    check(report)
    return report


def load(path: Path) -> dict[str, Any]:
    """A report from a file.  Raises BadReport, OSError."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as why:
        raise BadReport(f"not text: {why}") from None
    return parse(text)


def check(report: Any) -> None:
    """Hold a report against the schema of its version.  Raises BadReport."""
    if not isinstance(report, dict) or report.get("schema") != "pyrallax-hwreport":
        raise BadReport('no hardware report: "schema" is not "pyrallax-hwreport"')
    version = report.get("version")
    if not isinstance(version, int) or not 1 <= version <= VERSION:
        raise BadReport(f"version {version!r}: this program knows 1 to {VERSION}")
    import fastjsonschema

    schema = json.loads((_SCHEMA / f"hwreport-{version}.json").read_text("utf-8"))
    try:
        fastjsonschema.compile(schema)(report)
    except fastjsonschema.JsonSchemaValueException as why:
        raise BadReport(f"{why.message} (rule {why.rule})") from None
