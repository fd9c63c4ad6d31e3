"""Results as JUnit XML, the dialect of pytest's xunit2 that CI servers read."""

import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from ..stages import printable
from .matcher import FAILED, SKIPPED, Result


def write(
    path: Path,
    name: str,
    results: list[Result],
    properties: dict[str, str],
    said: str,
    error: str = "",
) -> None:
    """Write the file.  said: the end of the log.  error: why nothing could be watched."""
    counts = {kind: sum(r.outcome == kind for r in results) for kind in (FAILED, SKIPPED)}
    suites = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(
        suites,
        "testsuite",
        name=printable(name),
        tests=str(len(results) or 1),
        failures=str(counts[FAILED]),
        errors=str(int(bool(error))),
        skipped=str(counts[SKIPPED]),
        time=f"{max((r.seconds for r in results), default=0):.3f}",
        timestamp=time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()),
    )
    table = ElementTree.SubElement(suite, "properties")
    for key, value in properties.items():
        ElementTree.SubElement(table, "property", name=key, value=printable(value))
    for result in results:
        _case(suite, name, result)
    if error:
        case = ElementTree.SubElement(suite, "testcase", classname=printable(name), name="machine")
        ElementTree.SubElement(case, "error", message=printable(error))
    ElementTree.SubElement(suite, "system-out").text = printable(said)
    ElementTree.indent(suites)
    ElementTree.ElementTree(suites).write(path, "utf-8", xml_declaration=True)


def _case(suite: ElementTree.Element, name: str, result: Result) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=printable(name),
        name=printable(result.name),
        time=f"{result.took_s:.3f}",
    )
    if result.outcome == FAILED:
        ElementTree.SubElement(case, "failure", message=printable(result.why))
    elif result.outcome == SKIPPED:
        ElementTree.SubElement(case, "skipped", message="not reached")
