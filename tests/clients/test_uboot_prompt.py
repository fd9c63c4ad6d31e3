"""ush over the serial line: what labgrid, tbot and U-Boot's test/py send, byte for byte."""

import re
import time

import pytest
from disks import ahci, debugfs, image

from pyrallax.repl import Repl

pytestmark = pytest.mark.host

_PROMPT = b"=> "


class Ush:
    """The shell's line as a tool sees it."""

    def __init__(self, vm, timeout=10):
        self.vm = vm
        self.repl = Repl(vm.wire)
        self.boot = self.until(b"\n" + _PROMPT, timeout)

    def until(self, end, timeout=10):
        return self.repl.read_until(end, timeout)

    def send(self, data):
        self.vm.wire.write(data)


def _until_prompt(ush):
    """All up to a prompt at the begin of a line."""
    got = ush.until(_PROMPT)
    while not re.search(rb"(^|\n)=> $", got):
        got += ush.until(_PROMPT)
    return got


@pytest.fixture
def ush(vm_factory):
    return Ush(vm_factory(append="ush", memory=128, device=["edu"]))


def run(ush, line, enter=b"\r"):
    """Output of a typed line, whose echo comes first."""
    ush.send(line.encode() + enter)
    echo = ush.until(b"\r\n")
    assert echo == line.encode() + b"\r\n"
    out = _until_prompt(ush)
    return out[: -len(_PROMPT)].replace(b"\r\n", b"\n").decode()


def test_a_client_of_the_raw_repl_does_not_wait_for_pythons_prompt(vm_factory):
    vm = vm_factory(append="ush", memory=128)
    start = time.monotonic()
    assert vm.repl().eval("6 * 7") == 42
    assert time.monotonic() - start < vm.prompt_s / 2


def test_sign_on_and_prompt(ush):
    assert re.search(rb"\r\nPyrallax \S+ \(build [0-9a-f]{8}\) ush\r\n\r\n=> $", ush.boot)
    assert run(ush, "version").startswith("Pyrallax ")


@pytest.mark.parametrize("enter", [b"\r", b"\n", b"\r\n"])
def test_every_enter_counts_once(ush, enter):
    assert run(ush, "echo a; md $loadaddr 4", enter).startswith("a\n")
    assert run(ush, "echo b", enter) == "b\n"
    assert ush.repl.drain() == b""


def test_as_labgrid(ush):
    line = "echo 'ABCD''EFGHIJ'; %s; echo \"$?\"; echo 'ABCD''EFGHIJ';"
    assert run(ush, line % "echo hi", b"\n") == "ABCDEFGHIJ\nhi\n0\nABCDEFGHIJ\n"
    said = run(ush, line % "md 0 1", b"\n").split("\n")
    assert said[1].startswith("## Error: read of ") and said[2] == "1"


def test_as_tbot(ush):
    ush.send(b"\x03")
    _until_prompt(ush)
    assert run(ush, "setenv bootargs 'loglevel=7 \"x y\" \\\\ It'\\''s'") == ""
    assert run(ush, "echo $?") == "0\n"
    assert run(ush, "printenv bootargs") == 'bootargs=loglevel=7 "x y" \\ It\'s\n'
    found = re.search(r"^-> start\s+= (0x[\dA-Fa-f]+)$", run(ush, "bdinfo"), re.M)
    base = int(found[1], 16)
    assert run(ush, f"mw {base:x} a5f09876") == ""
    assert run(ush, f"md {base:x} 1").startswith(f"{base:08x}: a5f09876")
    assert run(ush, " ") == ""


def test_as_u_boots_test_py(ush):
    """It types in pieces, each echoed before the next goes out."""
    line = "echo " + "0123456789" * 50
    for at in range(0, len(line), 16):
        piece = line[at : at + 16].encode()
        ush.send(piece)
        assert ush.until(piece) == piece
    ush.send(b"\n")
    assert _until_prompt(ush).count(b"0123456789") == 50
    assert run(ush, "help").splitlines()[0] == "?         - alias for 'help'"
    assert run(ush, "nosuch") == "Unknown command 'nosuch' - try 'help'\n"
    start = time.monotonic()
    run(ush, "sleep 1")
    assert 0.99 < time.monotonic() - start < 9  # not ten, whatever the host's load


def test_a_burst_is_echoed_whole(ush):
    lines = [f"echo {n} {'x' * 60}" for n in range(30)]
    ush.send("".join(line + "\n" for line in lines).encode())
    for line in lines:
        assert _until_prompt(ush).decode() == f"{line}\r\n{line[5:]}\r\n=> "


@pytest.mark.parametrize(
    "line",
    ["sleep 1000", "crc32 $loadaddr 1000000; crc32 $loadaddr 1000000"],
)
def test_ctrl_c(ush, line):
    ush.send(line.encode() + b"; sleep 1000\r")
    ush.until(b"\r\n")
    time.sleep(0.2)
    ush.send(b"\x03")
    assert _until_prompt(ush).endswith(b"<INTERRUPT>\r\n=> ")
    assert run(ush, "echo $?") == "1\n"
    ush.send(b"half a line\x03")
    assert _until_prompt(ush).endswith(b"<INTERRUPT>\r\n=> ")
    ush.send(b"\x03" * 50)
    for _ in range(50):
        _until_prompt(ush)
    assert run(ush, "echo alive") == "alive\n"


def test_ctrl_c_at_any_moment(ush):
    for n in range(40):
        ush.send(b"setenv a 1; md 0 1; echo $a\r")
        time.sleep(n / 8000)
        ush.send(b"\x03\x03\r")
        time.sleep(0.01)
    ush.repl.drain(0.3)
    assert run(ush, "echo alive") == "alive\n"


def test_ctrl_c_while_it_boots(vm_factory):
    """tbot sends one again and again until it sees the prompt."""
    for n in range(6):
        repl = Repl(vm_factory(append="ush" if n % 2 else "ush=1").wire)
        got = b""
        deadline = time.monotonic() + 10
        while not got.endswith(b"\n" + _PROMPT) and time.monotonic() < deadline:
            repl.wire.write(b"\x03")
            got += repl.wire.read(0.0005 * n)
        assert b"Traceback" not in got and b">>>" not in got
        repl.drain()
        repl.wire.write(b"echo al''ive\r")
        repl.read_until(b"\r\nalive\r\n", 5)


def test_memory_of_devices_and_of_the_firmware(ush):
    assert run(ush, "md 9000fe0 4").startswith("09000fe0: 00000011 00000010")
    assert run(ush, "mw 40080000 0; echo $?").endswith("the firmware uses that memory itself\n1\n")
    bar = re.search(r" 0   0x([0-9a-f]{16})", run(ush, "pci bar 0.1.0"))
    run(ush, "pci write.w 0.1.0 4 6")
    run(ush, f"mw {int(bar[1], 16) + 4:x} 12345678")
    assert f"{0xFFFFFFFF ^ 0x12345678:08x}" in run(ush, f"md {int(bar[1], 16) + 4:x} 1")
    assert "0x1234     0x11e8" in run(ush, "pci")


def test_files(ush):
    run(ush, "mw.b $loadaddr 5a 30d40")
    assert run(ush, "save ram 0 $loadaddr a.bin 30d40").startswith("200000 bytes written in ")
    assert "   200000   a.bin\n\n1 file(s), 0 dir(s)\n" in run(ush, "ls ram 0")
    run(ush, "mw.b $loadaddr 0 30d40")
    assert run(ush, "load ram 0 $loadaddr a.bin").startswith("200000 bytes read in ")
    base = int(run(ush, "echo $loadaddr"), 16)
    run(ush, f"setenv other {base + 0x40000:x}; mw.b $other 5a 30d40")
    assert run(ush, "cmp.b $loadaddr $other $filesize; echo $?").endswith("same\n0\n")


def test_files_of_a_disk(vm_factory, tmp_path):
    path = image(tmp_path / "disk.img")
    ush = Ush(vm_factory(append="ush", **ahci(path)))
    assert "       10   data.txt\n" in run(ush, "ls sata 0:2")
    assert "            EFI/\n" in run(ush, "ls sata 0:1 /")
    assert "            EFI/\n" in run(ush, "ls vfs 0 /esp")
    assert run(ush, "ls sata 1:1; echo $?") == "** Bad device specification sata 1:1 **\n1\n"
    run(ush, "mw.b $loadaddr 5a 12345; crc32 $loadaddr 12345")
    assert "bytes written" in run(ush, "save sata 0:2 $loadaddr lib/new.bin 12345")
    assert run(ush, "load sata 0:2 $loadaddr /data.txt; echo $filesize").endswith("\na\n")
    assert run(ush, "setenv kept 'a b'; saveenv") == "Saving Environment to /ush.env... OK\n"
    ush.send(b"reset\r")
    ush.until(b"resetting ...")
    ush.until(b"\n" + _PROMPT, 20)
    assert run(ush, "echo $kept") == "a b\n"
    assert f"    {0x12345}   new.bin\n" in run(ush, "ls sata 0:2 lib")
    ush.vm.close()
    assert debugfs(path, "cat lib/new.bin") == b"\x5a" * 0x12345


def test_variables_are_not_saved_without_a_disk(ush):
    said = run(ush, "saveenv; echo $?")
    assert said == "## Error: no disk's root to write /ush.env on: ENODEV\n1\n"


def test_a_variable_that_runs_itself_ends(ush):
    run(ush, "setenv me 'run me'")
    assert run(ush, "run me; echo $?").endswith("\n1\n")
    assert run(ush, "echo alive") == "alive\n"


def test_clients_of_the_raw_repl_need_not_know(ush):
    repl = Repl(ush.vm.wire)
    repl.enter_raw()
    assert repl.eval("6 * 7") == 42
    repl.soft_reset()
    assert repl.eval("1") == 1
    repl.exit_raw()
    repl.wait_prompt()
    ush.send(b"ush()\r")
    ush.until(b"\r\n" + _PROMPT)
    assert run(ush, "echo back") == "back\n"


def test_exit_leads_to_main_and_python(ush):
    repl = Repl(ush.vm.wire)
    repl.enter_raw()
    repl.put("main.py", b"print('main.py ran')\n")
    repl.exit_raw()
    repl.wait_prompt()
    ush.send(b"\x04")
    assert b"main.py ran" not in ush.until(b"\n" + _PROMPT)
    ush.send(b"exit\r")
    assert b"main.py ran" in repl.wait_prompt()


def test_reset(ush):
    ush.send(b"reset\r")
    assert b"resetting ...\r\n" in ush.until(b"\n" + _PROMPT)
    assert run(ush, "echo up") == "up\n"


def test_countdown(vm_factory):
    vm = vm_factory(append="ush=9")
    ush = Repl(vm.wire)
    assert re.search(rb"autoboot:\s{0,5}\d{0,3}\s{0,3}", ush.read_until(b"autoboot:  9 ", 10))
    ush.wire.write(b"\r")
    ush.read_until(b"\n" + _PROMPT, 5)
    vm = vm_factory(append="ush=1")
    assert b"stop autoboot:" in Repl(vm.wire).wait_prompt(10)
