"""labgrid's own UBootDriver, unmodified, drives ush in QEMU."""

import re

import pytest
from labgrid.driver import ExecutionError
from pexpect import TIMEOUT

pytestmark = pytest.mark.host

BOOT_ARGS = "ush"
DRIVERS = """\
      UBootDriver:
        prompt: '=> '
        init_commands: ['setenv lab yes']
        boot_command: exit
        bootstring: '>>> '
"""


@pytest.fixture
def uboot(target):
    """The driver at the prompt of a machine that has just been switched on."""
    power = target.get_driver("QEMUDriver")
    power.on()
    yield target.get_driver("UBootDriver")
    target.deactivate(target.get_driver("UBootDriver", activate=False))
    power.off()


def test_output_and_status(uboot):
    assert uboot.get_status() == 1
    out, _, status = uboot.run("echo one; echo two")
    assert (out, status) == (["one", "two"], 0)
    assert uboot.run("true") == ([], [], 0) and uboot.run("false") == ([], [], 1)
    out, _, status = uboot.run("nosuch")
    assert (out, status) == (["Unknown command 'nosuch' - try 'help'"], 1)
    assert uboot.run_check("echo $lab") == ["yes"]
    with pytest.raises(ExecutionError):
        uboot.run_check("md 0")


def test_memory(uboot):
    base = int(
        re.search(r"-> start +=.*", "\n".join(uboot.run_check("bdinfo")))[0].split()[-1], 16
    )
    uboot.run_check(f"mw {base:x} a5f09876 10")
    assert uboot.run_check(f"md {base:x} 8") == [
        f"{base + at:08x}: a5f09876 a5f09876 a5f09876 a5f09876  v...v...v...v..." for at in (0, 16)
    ]
    assert "Total of 64 byte(s) were the same" in uboot.run_check(f"cmp.b {base:x} {base:x} 40")
    out, _, status = uboot.run("md 0 1")
    assert status == 1 and out[0].startswith("## Error: ")


def test_files_and_variables(uboot):
    uboot.run_check("mw.b $loadaddr 41 1000; save ram 0 $loadaddr a.bin 1000")
    assert "     4096   a.bin" in uboot.run_check("ls ram 0")
    uboot.run_check("load ram 0 $loadaddr a.bin")
    assert uboot.run_check("printenv filesize") == ["filesize=1000"]
    assert any("Host bridge" in line for line in uboot.run_check("pci"))


def test_wait_and_poll(uboot):
    uboot.wait_for("version", "Pyrallax", timeout=30.0)
    assert uboot.poll_until_success("sleep 0.1; true", tries=1, sleepduration=0)
    assert not uboot.poll_until_success("false", tries=2, sleepduration=0)


def test_reset(uboot):
    uboot.run_check("setenv gone 1")
    uboot.reset()
    assert uboot.get_status() == 1
    assert uboot.run("printenv gone")[2] == 1 and uboot.run_check("echo $lab") == ["yes"]


def test_interrupting_a_command(uboot, target):
    console = target.get_driver("ConsoleProtocol")
    with pytest.raises(TIMEOUT):
        uboot.run("sleep 1000", timeout=0.5)
    console.sendcontrol("c")
    console.expect("<INTERRUPT>", timeout=30)
    console.expect("=> ", timeout=30)
    assert uboot.run_check("echo alive") == ["alive"]


def test_boot_leads_to_the_python_prompt(uboot):
    uboot.boot()
    uboot.await_boot()
