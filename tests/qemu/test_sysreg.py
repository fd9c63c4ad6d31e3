"""sysreg: system registers by name and by number, against what QEMU itself says they hold."""

import pytest
from gdb import Gdb

pytestmark = [pytest.mark.boot, pytest.mark.probe]

_VALUES = """
import sysreg
for n in sysreg.names():
    try: print(n, int(getattr(sysreg, n)))
    except AttributeError: pass
"""
# Not the same from one moment to the next, or changed by being asked for.
_MOVING = ("CNT", "PMCCNTR", "ESR_EL1", "ELR_EL1", "SPSR_EL1", "FAR_EL1", "DAIF", "NZCV")


def _values(repl):
    return {n: int(v) for n, v in (line.split() for line in repl.exec(_VALUES).splitlines())}


@pytest.mark.parametrize(
    "options",
    [
        {"gic": 2},
        {"gic": 3, "cpus": 4},
        {"gic": 3, "cpu": "max"},
        {"gic": 2, "cpu": "cortex-a53"},
        {"machine": "uefi"},
    ],
    ids=lambda o: "-".join(f"{k}_{v}" for k, v in o.items()),
)
def test_values_are_qemus_own(vm_factory, tmp_path, options):
    socket = tmp_path / "gdb"
    vm = vm_factory(**options, extra=["-gdb", f"unix:{socket},server=on,wait=off"])
    got = _values(vm.repl())
    gdb = Gdb(socket)
    numbers = gdb.system_registers()
    compared = []
    for name, value in got.items():
        # QEMU leaves a suffix out where AArch32 has the same register.
        for theirs in (name, name.removesuffix("_EL1"), name + "_RESERVED"):
            told = gdb.register(numbers[theirs]) if theirs in numbers else None
            if told is not None and not name.startswith(_MOVING):
                assert told == value, (name, hex(told), hex(value))
                compared.append(name)
                break
    gdb.go()
    assert len(compared) > 50, compared
    for name in ("ID_AA64MMFR0_EL1", "SCTLR_EL1", "TTBR0_EL1", "TCR_EL1", "VBAR_EL1", "MAIR_EL1"):
        assert name in compared


def test_by_name(repl):
    repl.exec(
        "import sysreg, boot\n"
        "assert sysreg.MIDR_EL1.Implementer == 0x41 and sysreg.MIDR_EL1.PartNum == 0xd08\n"
        "assert sysreg.CurrentEL.EL == 1 and sysreg.SCTLR_EL1.M and sysreg.SCTLR_EL1.WXN\n"
        "assert sysreg.MIDR_EL1 == int(sysreg.MIDR_EL1) == sysreg.read(3, 0, 0, 0, 0)\n"
        "assert hex(sysreg.MIDR_EL1) == '0x410fd083'\n"
        "a = sysreg.CNTVCT_EL0\nassert a < sysreg.CNTVCT_EL0\n"
        "assert sysreg.TCR_EL1.T0SZ == 16 and sysreg.TTBR0_EL1 != 0\n"
    )
    assert repl.eval("repr(sysreg.MIDR_EL1)") == (
        "MIDR_EL1=0x00000000410fd083 Implementer=Arm Architecture=ID PartNum=0xd08 Revision=3"
    )
    assert "MIDR_EL1" in repl.eval("dir(sysreg)")
    said = repl.exec("sysreg.dump('AA64MMFR0')")
    assert said.startswith("ID_AA64MMFR0_EL1=") and "ASIDBits=16 PARange=44" in said
    assert len(repl.exec("sysreg.dump()").splitlines()) > 100


def test_writes(repl):
    repl.exec(
        "import sysreg\n"
        "for v in (1, 0xfedcba9876543210, (1 << 64) - 1, 0):\n"
        "    sysreg.TPIDR_EL0 = v\n"
        "    assert sysreg.TPIDR_EL0 == v == sysreg.read(3, 3, 13, 0, 2)\n"
        "sysreg.CONTEXTIDR_EL1 = 0x1234\nassert sysreg.CONTEXTIDR_EL1.PROCID == 0x1234\n"
        "def raised(n, v, **kw):\n"
        "    try: sysreg.write(n, v, **kw)\n"
        "    except Exception as e: return type(e).__name__\n"
        "before = int(sysreg.SCTLR_EL1)\n"
        "assert raised('SCTLR_EL1', 0) == 'OSError' and sysreg.SCTLR_EL1 == before\n"
        "sysreg.write('SCTLR_EL1', before, force=True)\nassert sysreg.SCTLR_EL1 == before\n"
        "assert raised('MIDR_EL1', 0, force=True) == 'AttributeError'\n"
        "assert raised('TPIDR_EL0', 1 << 64) == 'ValueError'\n"
        "assert raised('ICC_PMR_EL1', 0, force=True) == 'AttributeError'\n"  # GICv2: not there
        "try: del sysreg.TPIDR_EL0\nexcept AttributeError: print('kept')\n"
    )


# The registers of which reading changes something.
_EFFECTS = "((3, 0, 12, 8, 0), (3, 0, 12, 12, 0))"


@pytest.mark.parametrize("gic", [2, 3])
def test_every_number_reads_or_raises(vm_factory, gic):
    """All 32,768 numbers of op0 2 and 3, four times: no panic, no leak, always the same."""
    repl = vm_factory(gic=gic).repl()
    repl.exec(
        "import gc, sysreg\n"
        "def sweep():\n"
        "    found = []\n"
        "    for op0 in (2, 3):\n"
        "        for op1 in range(8):\n"
        "            for crn in range(16):\n"
        "                for i in range(128):\n"
        "                    code = (op0, op1, crn, i >> 3, i & 7)\n"
        f"                    if code in {_EFFECTS}: continue\n"
        "                    try: sysreg.read(*code)\n"
        "                    except AttributeError: continue\n"
        "                    found.append(code)\n"
        "    return found\n"
        "a = sweep()\nfree = []\n"
        "for _ in range(3):\n"
        "    assert sweep() == a\n    gc.collect()\n    free.append(gc.mem_free())\n"
        "assert abs(free[2] - free[1]) < 2048, free\n"  # the stack may keep one result
        "assert (3, 0, 0, 0, 0) in a and len(a) > 120, len(a)\n"
        f"assert ((3, 0, 12, 12, 4) in a) == ({gic} == 3)\n",
        timeout=120,
    )


def test_undefined_and_wrong_numbers(repl):
    repl.exec(
        "import sysreg\n"
        "def raised(*a):\n"
        "    try: sysreg.read(*a)\n"
        "    except Exception as e: return type(e).__name__ + ' ' + str(e)\n"
        "assert 'undefined' in raised(3, 0, 1, 0, 7)\n"
        "assert 'S3_4_C1_C0_0: not a register of EL1' in raised(3, 4, 1, 0, 0)\n"  # SCTLR_EL2
        "for bad in ((4, 0, 0, 0, 0), (3, 8, 0, 0, 0), (3, 0, 16, 0, 0), (3, 0, 0, -1, 0)):\n"
        "    assert raised(*bad).startswith('ValueError'), bad\n"
        "for bad in ((3, 0), 'abcde'): assert raised(*bad).startswith('TypeError')\n"
        "for i in range(1000): raised(3, 0, 1, 0, 7)\n"
    )


def test_caches(repl):
    got = repl.eval("__import__('sysreg').caches()")
    assert [c[:2] for c in got] == [(1, "I"), (1, "D"), (2, "U")]
    for _, _, size, ways, sets, line in got:
        assert size == ways * sets * line and line == 64
