"""The namespace: declarations, scopes, values; what is refused and what is skipped."""

import aml
import amlbuild as b
from acpi_devices import Device
from aml_data import AmlError, Computed, Ref
from aml_eval import evaluate
from raising import raises


def _space(*terms, **options):
    space = aml.Namespace()
    space.load(b.table("DSDT", b"".join(terms), **options))
    return space


def _value(space, path):
    return evaluate(space, space.find(path))


def test_a_device_with_everything():
    space = _space(
        b.scope(
            "\\_SB_",
            b.device(
                "AHC0",
                b.named("_HID", "PRL4010"),
                b.named("_CID", [b.eisa("PNP0A08"), "LNRO0005"]),
                b.named("_UID", 3),
                b.named("_CLS", [1, 6, 1]),
                b.named("_CRS", b.template(b.memory32(0x02140000, 0x2000), b.interrupt(34, 3))),
            ),
        )
    )
    (node,) = space.devices
    device = Device(space, node)
    assert device.path == "\\_SB.AHC0"
    assert (device.hid, device.cid, device.cids) == ("PRL4010", "PNP0A08", ("PNP0A08", "LNRO0005"))
    assert (device.uid, device.cls, device.adr, device.sta) == (3, (1, 6, 1), None, 15)
    assert device.memory == [(0x02140000, 0x2000)]
    assert device.irqs == [(34, "edge", "high")]
    assert device.matches("LNRO0005") and not device.matches("PRL4011")
    assert not space.refused and not space.skipped and not device.refused


def test_constants_of_every_form():
    space = _space(
        b.named("ZERO", 0),
        b.named("ONES", (b"\xff",)),
        b.named("BYTE", 0xFE),
        b.named("WORD", 0x1234),
        b.named("DWRD", 0xDEADBEEF),
        b.named("QWRD", 0x123456789ABCDEF0),
        b.named("TEXT", "text"),
        b.named("BUFF", (b"\x11\x05\x0a\x04\x01\x02",)),  # four bytes of which two are given
        b.named("PACK", (b"\x12\x05\x03" + b.integer(7) + b"\x00",)),
        b.named("VARP", (b"\x13\x07\x0a\x02" + b.name("ZERO"),)),
        b.named("REVI", (b"\x5b\x30",)),
    )
    assert not space.refused
    want = {
        "ZERO": 0,
        "ONES": 0xFFFFFFFFFFFFFFFF,
        "BYTE": 0xFE,
        "WORD": 0x1234,
        "DWRD": 0xDEADBEEF,
        "QWRD": 0x123456789ABCDEF0,
        "TEXT": "text",
        "BUFF": b"\x01\x02\0\0",
        "PACK": [7, 0, None],
        "VARP": [Ref("ZERO"), None],
        "REVI": 2,
    }
    for path, value in want.items():
        assert _value(space, path) == value, path
    assert _value(_space(b.named("ONES", (b"\xff",)), revision=1), "ONES") == 0xFFFFFFFF


def test_methods():
    arg0 = (b"\x68",)
    space = _space(
        b.named("NAME", 5),
        b.method("CNST", b.returns(6)),
        b.method("NREF", b.returns((b.name("NAME"),))),
        b.method("TWIC", b.returns((b.name("NREF"),))),
        b.method("LOCL", b.named("PRIV", [1, 2]), b.returns((b.name("PRIV"),))),
        b.method("IFIF", b.pkg(b"\xa0", b.integer(1) + b.returns(8)), b.returns(9)),
        b.method(
            "ELSE", b.pkg(b"\xa0", b.integer(0) + b.returns(8)), b.pkg(b"\xa1", b.returns(9))
        ),
        b.method("ARGS", b.returns(arg0), flags=1),
        b.method("ADDS", b.returns((b"\x72" + b.integer(1) + b.integer(2) + b"\0",))),
        b.method("STOR", b"\x70\x01\x60" + b.returns(1)),
        b.method("NONE", b""),
        b.method("LOOP", b.returns((b.name("LOOP"),))),
    )
    assert not space.refused
    good = {"CNST": 6, "NREF": 5, "TWIC": 5, "LOCL": [1, 2], "IFIF": 8, "ELSE": 9}
    for path, value in good.items():
        assert _value(space, path) == value, path
    for path in ("ARGS", "ADDS", "STOR", "NONE"):
        raises(Computed, _value, space, path)
    assert "by itself" in raises(AmlError, _value, space, "LOOP")


def test_skipped_methods_are_named():
    space = _space(
        b.device(
            "DEV0",
            b.method("_STA", b.returns(0x0B)),
            b.method("_OSC", b"\x70\x01\x60", flags=4),
            b.method("_CRS", b"\x70\x01\x60", b.returns(b"\x79\0")),
        )
    )
    device = Device(space, space.devices[0])
    assert device.skipped == ["_CRS", "_OSC"]
    assert device.sta == 0x0B and device.crs == [] and device.memory == []


def test_names_are_found_upwards_and_by_path():
    space = _space(
        b.named("GLOB", 1),
        b.scope("\\_SB_", b.device("PCI0", b.named("LOCL", 2), b.device("SUB0"))),
        b.scope("\\_SB_.PCI0.SUB0", b.named("^UPUP", 3), b.named("\\TOPP", 4)),
        b"\x06" + b.name("\\_SB_.PCI0") + b.name("SHRT"),
    )
    assert not space.refused
    below = space.find("\\_SB.PCI0.SUB0")
    assert [space.find(n, below).path for n in ("GLOB", "LOCL", "UPUP", "TOPP")] == [
        "\\GLOB",
        "\\_SB.PCI0.LOCL",
        "\\_SB.PCI0.UPUP",
        "\\TOPP",
    ]
    assert space.find("^LOCL", below).path == "\\_SB.PCI0.LOCL"
    assert space.find("SHRT").path == "\\_SB.PCI0"
    assert space.find("SHRT").kids["LOCL"].kind == "Name"
    for absent in ("NONE", "\\LOCL", "^^^^^^^^^GLOB", "_SB_.NONE.X"):
        assert space.find(absent, below) is None, absent


def test_fields_and_other_objects():
    region = b"\x5b\x80" + b.name("REG0") + b"\0" + b.integer(0x9000000) + b.integer(0x100)
    field = b.pkg(
        b"\x5b\x81",
        b.name("REG0") + b"\x01" + b"FLDA\x08" + b"\0\x10" + b"\x01\0\0" + b"FLDB\x40\x02",
    )
    index = b.pkg(b"\x5b\x86", b.name("FLDA") + b.name("FLDB") + b"\x01IDX0\x08")
    bank = b.pkg(b"\x5b\x87", b.name("REG0") + b.name("FLDA") + b.integer(1) + b"\x01BNK0\x08")
    space = _space(
        region,
        field,
        index,
        bank,
        b"\x5b\x01" + b.name("MUT0") + b"\0",
        b"\x5b\x02" + b.name("EVT0"),
        b.pkg(b"\x5b\x83", b.name("CPU0") + bytes(6) + b.named("_UID", 7)),
        b.pkg(b"\x5b\x84", b.name("PWR0") + bytes(3) + b.named("_STA", 1)),
        b.pkg(b"\x5b\x85", b.name("THM0") + b.named("_TMP", 1)),
        b"\x15" + b.name("\\_SB_.EXTD") + b"\x08\x02",
        b"\x5b\x88" + b.name("DAT0") + b.value("SSDT") + b.value("") + b.value(""),
        b"\x8a" + b.name("BUF0") + b.integer(0) + b.name("CDW1"),
        b.named("LAST", 1),
    )
    assert not space.refused, space.refused
    kinds = {
        "REG0": "OperationRegion",
        "FLDA": "FieldUnit",
        "FLDB": "FieldUnit",
        "IDX0": "FieldUnit",
        "BNK0": "FieldUnit",
        "MUT0": "Mutex",
        "EVT0": "Event",
        "CPU0": "Processor",
        "CPU0._UID": "Name",
        "PWR0._STA": "Name",
        "THM0": "ThermalZone",
        "_SB_.EXTD": "External",
        "DAT0": "DataRegion",
        "LAST": "Name",
    }
    assert {path: space.find("\\" + path).kind for path in kinds} == kinds
    assert [why for _, why in space.skipped] == ["statement 0x8a at 0x%x" % why_at(space)]


def why_at(space):
    return int(space.skipped[0][1].split()[-1], 16)


def test_module_level_if():
    space = _space(
        b.pkg(b"\xa0", b.integer(1) + b.device("YES0")),
        b.pkg(b"\xa0", b.integer(0) + b.device("NOT0")),
        b.pkg(b"\xa1", b.device("ELS0")),
        b.pkg(b"\xa0", b"\x93\x60\x01" + b.device("PERH")),
        b.device("LAST"),
    )
    assert [n.path for n in space.devices] == ["\\YES0", "\\ELS0", "\\LAST"]
    assert len(space.skipped) == 1 and not space.refused


def test_one_bad_object_costs_only_itself():
    space = _space(
        b.device("GOOD"),
        b.pkg(b"\x5b\x82", b"bad!" + b.named("_UID", 1)),
        b.device("TWIC"),
        b.device("TWIC"),
        b.device("CUTO", b"\x08_UID"),
        b.device("LAST", b.named("_UID", 1)),
        b"\x5b\x82\x7f",
    )
    assert [n.path for n in space.devices] == ["\\GOOD", "\\TWIC", "\\CUTO", "\\LAST"]
    assert len(space.refused) == 4


def test_bounds():
    deep = b"\x01"
    for _ in range(100):
        deep = b.pkg(b"\x12", b"\x01" + deep)
    scopes = b""
    for _ in range(60):
        scopes = b.scope("\\_SB_", scopes)
    huge = b.pkg(b"\x11", b.integer(0xFFFFFFFF))
    space = _space(
        b.named("DEEP", (deep,)),
        b.named("HUGE", (huge,)),
        b.named("VARP", (b.pkg(b"\x13", b.integer(0xFFFFFF)),)),
        scopes,
        b.named("LAST", 1),
    )
    assert [why for _, why in space.refused if "too deep" in why]
    for path in ("DEEP", "HUGE", "VARP"):
        raises(AmlError, _value, space, path)
    assert _value(space, "LAST") == 1


def test_truncated_everywhere():
    table = b.table(
        "DSDT",
        b.scope(
            "\\_SB_", b.device("DEV0", b.named("_HID", "ABCD0001"), b.named("_CRS", b"\x79\0"))
        )
        + b.method("METH", b.returns([1, 2, 3])),
    )
    whole = 36 + 1 + 39  # after the scope
    for length in range(len(table)):
        space = aml.Namespace()
        space.load(table[:length])
        assert space.refused or length in (36, whole), length


def test_values_of_a_wrong_type():
    space = _space(
        b.device(
            "DEV0",
            *[b.named(n, 7) for n in ("_CRS", "_PRT", "_CID", "_CLS")],
            b.named("_HID", [1]),
            b.named("_STA", "x"),
        ),
        b.device("DEV1", b.named("_PRT", [1, [1, 2], [1, 2, "NONE", 0], [1, 2, [3], 0]])),
        b.device(
            "DEV2",
            b.named("_HID", b"PNP0A08"),
            b.named("_CID", [[1], "PNP0A03", b.eisa("PNP0C02")]),
            b.named("_PRT", [["x", 0, 0, 5], [1, [0], 0, 5], [1, 2, 0, "x"], [1, 3, 0, 9]]),
        ),
    )
    first, second, third = (Device(space, node) for node in space.devices)
    assert (first.crs, first.prt, first.cls, first.memory, first.sta) == ([], [], None, [], "x")
    assert second.prt == [(1, 2, "NONE", None), (1, 2, "[3]", None)]
    assert len(second.refused) == 3
    assert (first.hid, third.hid, third.cids) == (None, None, ("PNP0A03", "PNP0C02"))
    assert third.prt == [(1, 2, "", None), (1, 3, "", 9)]
    assert third.refused == [("_PRT", "entry without an address or pin")]


def test_paths_and_externals_are_declared_once():
    space = _space(
        b"\x15" + b.name("\\_SB_.EXT0") + b"\x06\0",
        b.device("\\_SB_.DEV0", b.device("^DEV1"), b.named("^^TOPN", 1)),
        b.device("\\_SB_.EXT0"),
        b.device("\\NEWS.DEV2"),
    )
    assert not space.refused
    assert [n.path for n in space.devices] == [
        "\\_SB.DEV0",
        "\\_SB.DEV1",
        "\\_SB.EXT0",
        "\\NEWS.DEV2",
    ]
    assert space.find("\\TOPN").kind == "Name" and space.find("\\NEWS").kind == "External"


def test_invocations_are_skipped_by_their_arguments():
    """A statement that calls a method of two arguments, before and after its declaration."""
    call = b.name("TWO_") + b.integer(1) + b.integer(0x5B82)
    space = _space(
        b"\x15" + b.name("TWO_") + b"\x08\x02",
        call,
        b.method("TWO_", b.returns((b"\x68",)), flags=2),
        b.device("DEV0", b"\x70" + call + b.name("RES0"), b.named("LAST", 3)),
    )
    assert not space.refused and len(space.skipped) == 2
    assert _value(space, "\\DEV0.LAST") == 3


def test_notes_are_bounded():
    space = _space(b.device("TWIC") * 500, b"\x86\x60\x01" * 500)
    assert len(space.refused) == 100 and len(space.skipped) == 100


def test_all_tables_share_a_budget():
    """Names cost memory, so a table more does not bring more of them than the bound."""
    space = aml.Namespace()
    space._steps = 100
    names = [chr(65 + i // 26) + chr(65 + i % 26) for i in range(150)]
    for letter in "XYZ":
        terms = [b.named(letter + "_" + name, 1) for name in names]
        space.load(b.table("SSDT", b"".join(terms)), "SSDT")
    assert len(space.root.kids) < 110
    assert space.refused == 3 * [("SSDT", "too much AML")]
    assert _value(space, "X_AA") == 1


def test_methods_without_flags_are_refused():
    space = _space(b.pkg(b"\x14", b.name("METH")), b.named("NAME", 1))
    assert "cut off" in space.refused[0][1] and space.find("METH") is None
    assert _value(space, "NAME") == 1


def test_long_sessions_have_budget():
    space = _space(b.named("PACK", [1] * 200))
    for _ in range(1500):
        assert len(_value(space, "PACK")) == 200
