"""Register maps: the syntax, names and offsets, decoding, what it refuses."""

from probe import fields
from probe.regs import Map
from raising import raises

EDU = Map(
    "edu",
    "a device of these tests",
    """
    # offset    name  access  fields
    0x00        ID      RO    MAJOR@31:24 MINOR@23:16 MAGIC@7:0   § 1
    0x04        LIVE    RW
    0x08        TAIL:16 RW1C
    0x10        ERDP:64/2 RW  EHB@3/RW1C PTR@63:4
    0x18        CAPS:64 RO
    0x20        STATUS  RW    BUSY@0/RO IRQ@7  § 2.1, and more words
    0x480+0x10*14 PORTSC RW   PED@1/RW1C PLS@8:5{0:U0,3:U3,5:RxDetect} PR@4/RW1S SPEED@13:10/RO
    0x484+0x10*14 PORTPMSC RW
    """,
)


def test_names():
    assert EDU.name(0) == "ID"
    assert EDU.name(0x20) == "STATUS"
    assert EDU.name(0x480) == "PORTSC[0]" and EDU.name(0x490) == "PORTSC[1]"
    assert EDU.name(0x494) == "PORTPMSC[1]"
    assert EDU.name(0x480 + 0x10 * 13) == "PORTSC[13]"


def test_names_inside_of_a_register():
    assert EDU.name(0x14) == "ERDP+4"
    assert EDU.name(0x481) == "PORTSC[0]+1"
    assert EDU.name(9) == "TAIL+1"


def test_nothing_there():
    for offset in (0x0A, 0x0C, 0x24, 0x488, 0x480 + 0x10 * 14, 0x10000, -4):
        assert EDU.name(offset) is None, offset
    assert EDU.decode(0x24, 1) == []
    assert EDU.text(0x24, 1) == "+0x24=0x1"


def test_offsets():
    assert EDU.offset("LIVE") == 4
    assert EDU.offset("PORTSC", 13) == 0x480 + 0x10 * 13
    for register in EDU.registers():
        for index in range(register.count or 1):
            offset = EDU.offset(register.name, index)
            assert EDU.name(offset) == register.label(index)
    assert raises(IndexError, EDU.offset, "PORTSC", 14)
    assert raises(IndexError, EDU.offset, "PORTSC", -1)
    assert raises(IndexError, EDU.offset, "LIVE", 1)


def test_unknown_names_list_what_there_is():
    said = raises(AttributeError, EDU.offset, "LIFE")
    assert said == "edu has no LIFE: ID LIVE TAIL ERDP CAPS STATUS PORTSC PORTPMSC"
    assert raises(AttributeError, EDU.fields, "LIFE") == said


def test_fields():
    assert EDU.fields("STATUS") == [("BUSY", 0, 0, "RO", None), ("IRQ", 7, 7, "RW", None)]
    assert EDU.fields("PORTSC")[1] == ("PLS", 8, 5, "RW", {0: "U0", 3: "U3", 5: "RxDetect"})
    assert EDU.fields("LIVE") == []


def test_what_a_register_is():
    register = EDU.register("STATUS")
    assert register.ref == "§2.1, and more words" and register.bits == 32
    assert EDU.register("ERDP").halves and EDU.register("ERDP").bits == 64
    assert not EDU.register("CAPS").halves and EDU.register("CAPS").bits == 64
    assert EDU.register("TAIL").access == "RW1C"


def test_decode():
    assert EDU.decode(0x490, 0x62) == [
        ("PED", 1, None),
        ("PLS", 3, "U3"),
        ("PR", 0, None),
        ("SPEED", 0, None),
    ]
    # A part of a register: its bits where they are in the whole.
    assert EDU.decode(0x14, 1)[1] == ("PTR", 1 << 28, None)
    assert EDU.decode(0x481, 1)[1] == ("PLS", 8, None)


def test_text():
    assert EDU.text(0x490, 0x62) == "PORTSC[1]=0x62 PED PLS=U3"
    assert EDU.text(0x490, 0) == "PORTSC[1]=0x0 PLS=U0"
    assert EDU.text(0x490, 0x2C80) == "PORTSC[1]=0x2c80 PLS=4 SPEED=0xb"
    assert EDU.text(4, 0x1234) == "LIVE=0x1234"
    assert EDU.text(0x14, 1) == "ERDP+4=0x1"


def test_blocks_become_arrays():
    port = Map("port", "", "0x10 IS RW1C DHRS@0\n0x18 CMD RW ST@0")
    hba = Map("hba", "", "0 CAP RO", parts=((port, 0x100, 0x80, 4),))
    assert hba.name(0x100 + 2 * 0x80 + 0x18) == "CMD[2]"
    assert hba.offset("IS", 3) == 0x100 + 3 * 0x80 + 0x10
    assert hba.text(0x110, 1) == "IS[0]=0x1 DHRS"
    assert port.offset("CMD") == 0x18
    nested = Map("nested", "", "", parts=((EDU, 0, 0x1000, 2),))
    assert "array already" in raises(ValueError, nested.registers)


def test_declarations_that_are_wrong():
    for line in (
        "0x00 ID",
        "zero ID RO",
        "0x00 ID RX",
        "0x00 ID:24 RO",
        "0x00+4 ID RO",
    ):
        assert raises(ValueError, Map("bad", "", line).registers), line
    for text in ("EN", "EN@", "@3", "EN@1:2", "EN@64", "EN@1/XX", "EN@1{0:a", "EN@1{x:a}"):
        assert raises(ValueError, fields.parse, text), text


def test_nothing_is_parsed_before_it_is_used():
    Map("bad", "", "this is no register map")


def test_kept_bits():
    text = "A@0 B@1/RW1C C@2/RW1S D@3/WO E@7:4/RO F@15:8"
    assert fields.kept(fields.parse(text, "RW"), "RW", 16) == 0xFFF1
    assert fields.kept(fields.parse(text, "RW1C"), "RW1C", 32) == 0x00F0
    assert fields.kept([], "RW", 8) == 0xFF and fields.kept([], "RW1C", 8) == 0


def test_encode():
    pls = ("PLS", 8, 5, "RW", {0: "U0", 3: "U3"})
    assert fields.encode(pls, 15) == 15 << 5
    assert fields.encode(pls, "U3") == 3 << 5
    assert fields.encode(("EN", 0, 0, "RW", None), True) == 1
    for value in (16, -1, "U9"):
        assert raises(ValueError, fields.encode, pls, value), value


def test_declarations_that_make_no_sense():
    for line in ("4+4*0 A RW", "4+0*5 A RW", "4+-4*2 A RW", "4+4*-1 A RW", "-4 A RW", "x A RW"):
        said = raises(ValueError, Map("bad", "", "0 FINE RW\n" + line).registers)
        assert said.startswith("map bad: %s: " % line), said
    assert raises(ValueError, Map("bad", "", "0 A RW\n4 A RW").registers) == "map bad has A twice"
    said = raises(ValueError, Map("bad", "", "0 A RW OUT@32").fields, "A")
    assert said == "A has 32 bits: OUT"
