"""Hardware reports on the host: the check against the schema, text, page, the command."""

import base64
import copy
import json
import re
from html.parser import HTMLParser

import pytest

from pyrallax import report
from pyrallax.__main__ import main
from pyrallax.report import page, text

pytestmark = [pytest.mark.host, pytest.mark.probe]

RAW = base64.b64encode(bytes(range(40))).decode()
REPORT = {
    "schema": "pyrallax-hwreport",
    "version": 1,
    "made": {"firmware": "1", "build": "0" * 40, "uptime_us": 5, "date": None},
    "machine": {
        "hypervisor": "QEMU",
        "vendor": "QEMU",
        "product": "<virt> & more",
        "firmware": "",
        "path": "fdt",
        "el": 1,
        "psci": {"conduit": "hvc", "version": "1.1"},
    },
    "memory": {"map": [{"base": "0x40000000", "size": 0x200000, "kind": "free"}]},
    "cpu": {"mpidr": ["0x80000000"], "registers": {"MIDR_EL1": "0x410fd083", "RNDR": None}},
    "interrupts": {"version": 2, "registers": {"GICD_TYPER": "0x8"}, "lines": [[27, "timer", 5]]},
    "timer": {"intid": 27, "hz": 62500000},
    "uart": {"base": "0x9000000", "intid": 33, "registers": {"FR": "0x90"}},
    "acpi": {
        "tables": [
            {
                "signature": "APIC",
                "address": "0x1000",
                "length": 40,
                "checksum_ok": False,
                "raw": RAW,
            }
        ],
        "devices": [{"path": "\\_SB.COM0", "hid": "ARMH0011", "irqs": [[33, "level", "high"]]}],
    },
    "smbios": {"error": "OSError: [Errno 19] ENODEV"},
    "pci": {
        "ecam": [{"base": "0x4010000000", "segment": 0, "first": 0, "last": 255}],
        "functions": [
            {
                "bdf": "00:01.0",
                "vendor": 0x1AF4,
                "device": 0x1000,
                "class": 0x020000,
                "name": "network <card>",
                "config": RAW,
                "bars": [{"index": 0, "base": "0x10000000", "size": 4096, "kind": "mem32"}],
            }
        ],
    },
    "controllers": [
        {"kind": "ahci", "where": "00:02.0", "base": "0x10001000", "registers": {"CAP": "0x1"}},
        {"kind": "ehci", "where": "00:03.0", "error": "memory decode is off"},
    ],
    "display": {"base": "0x0", "modes": []},
    "efi": {"error": "OSError: [Errno 19] ENODEV"},
    "timings": {"mem32 read": {"ns": 120.5, "count": 1000}},
}


def changed(path, value):
    """The report with the value at a dotted path replaced, or removed for None."""
    new = copy.deepcopy(REPORT)
    at = new
    *parents, last = path.split(".")
    for key in parents:
        at = at[int(key) if key.isdigit() else key]
    if value is None:
        del at[last]
    else:
        at[int(last) if last.isdigit() else last] = value
    return new


def test_good():
    assert report.parse(json.dumps(REPORT)) == REPORT


@pytest.mark.parametrize(
    "path, value, says",
    [
        ("schema", "other", "no hardware report"),
        ("version", 2, "knows 1 to 1"),
        ("version", "1", "knows 1 to 1"),
        ("machine", None, "machine"),
        ("made.build", "xyz", "made.build"),
        ("memory.map", [], "map"),
        ("memory.map.0.base", "40000000", "hex|pattern|anyOf"),
        ("pci.functions.0.bdf", "1:1", "bdf|anyOf"),
        ("acpi.tables.0.raw", "not base64!", "acpi"),
        ("smbios", {"error": 5}, "smbios"),
        ("controllers.0.kind", "toaster", "controllers"),
        ("timings.mem32 read.ns", -1, "timings"),
    ],
)
def test_departures_are_named(path, value, says):
    with pytest.raises(report.BadReport, match=says):
        report.check(changed(path, value))


@pytest.mark.parametrize("bad", ["", "[1]", "null", '{"schema"', "5", '"x"'])
def test_no_report_at_all(bad):
    with pytest.raises(report.BadReport):
        report.parse(bad)


def test_text_has_it_all():
    shown = text.render(REPORT, dumps=True)
    for word in ("<virt> & more", "ARMH0011", "APIC", "BAD", "1af4:1000", "MIDR_EL1", "120 ns"):
        assert word in shown, word
    assert "smbios\ncould not be read: OSError: [Errno 19] ENODEV" in shown
    assert "memory decode is off" in shown
    assert "0010  10 11 12 13" in shown


def test_items_that_could_not_be_read():
    failed = {"error": "OSError: 14", "where": "<Table DSDT>"}
    broken = changed("acpi.tables.0", failed)
    broken["pci"]["functions"].append(failed)
    report.check(broken)
    assert text.render(broken).count("<Table DSDT> could not be read: OSError: 14") == 2


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text = []
        self.open = []
        self.attributes = []

    def handle_starttag(self, tag, attributes):
        self.attributes += attributes
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_page_is_whole_and_self_contained():
    made = page.render(REPORT)
    parsed = Page()
    parsed.feed(made)
    assert parsed.open == []
    shown = " ".join(parsed.text)
    assert "network <card>" in shown and "<virt> & more" in shown
    for name, value in parsed.attributes:
        assert name not in ("src", "srcset", "onload"), (name, value)
        if name == "href":
            assert value[0] == "#" and f'id="{value[1:]}"' in made
    assert not re.search(r"<script|@import|url\(", made)


def test_command(tmp_path, capsys):
    source = tmp_path / "report.json"
    source.write_text(json.dumps(REPORT))
    html = tmp_path / "report.html"
    assert main(["hwreport", str(source), "--html", str(html)]) == 0
    assert "ARMH0011" in capsys.readouterr().out
    assert html.read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"schema": "pyrallax-hwreport"}'])
def test_command_refuses(tmp_path, capsys, content):
    source = tmp_path / "report.json"
    source.write_bytes(content)
    assert main(["hwreport", str(source)]) == 1
    assert "pyrallax: hwreport: " in capsys.readouterr().err


def test_command_without_the_file(tmp_path, capsys):
    assert main(["hwreport", str(tmp_path / "none.json")]) == 1
    assert "No such file" in capsys.readouterr().err


def test_command_without_the_line(tmp_path, capsys):
    assert main(["hwreport", "--serial", str(tmp_path / "tty")]) == 1
    assert "No such file" in capsys.readouterr().err
