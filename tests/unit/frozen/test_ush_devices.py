"""ush: pci on modelled functions, files on a folder of this machine."""

import os

import mmio
import mounts
import pci
import pci_host
import shell
import shell_env
from pcisim import BASE, Device, Ecam

AREA = "host"

RAM = 0x40000000
WINDOWS = (("mem", 0x10000000, 0x3EFEFFFF, 0, 32, False), ("io", 0, 0xFFFF, 0x3EFF0000, 32, False))
FOLDER = "/tmp/test_ush_%d" % (id(os) & 0xFFFFFF)


def run(text, env=None):
    out = []
    sh = shell.Shell(lambda text, end="\n": out.append(text + end), env)
    sh.line(text)
    return "".join(out)


def machine():
    mmio.detach_all()
    ecam = Ecam(4)
    ecam.add(1, 0, Device(0x1234, 0x11E8, 0x00FF00, bars=[(0x100000, 0)]))
    ecam.add(31, 2, Device(0x8086, 0x2922, 0x010601, bars=[(0x20, 1), (0x1000, 12)]))
    ecam.add(31, 0, Device(0x8086, 0x2918, 0x060100, header=0x80))
    pci._bus = pci.Bus([pci_host.Host(BASE, 0, 3, windows=WINDOWS, ram=())])
    pci._bus.scan()


def test_pci_list():
    machine()
    lines = run("pci").split("\n")
    assert lines[0] == "BusDevFun  VendorId   DeviceId   Device Class       Sub-Class"
    assert [line[:30] for line in lines[2:5]] == [
        "00.01.00   0x1234     0x11e8  ",
        "00.1f.00   0x8086     0x2918  ",
        "00.1f.02   0x8086     0x2922  ",
    ]
    assert lines[4].endswith(" 0x06")
    assert run("pci 0") == run("pci *") == "\n".join(lines)
    assert run("pci 1; echo $?") == "No such bus\n1\n"
    assert run("pci enum; echo $?") == "0\n"


def test_pci_registers():
    machine()
    assert run("pci display.w 0.1.0 0 2") == "00000000: 1234 11e8\n"
    assert run("pci display 0.1f.2 0 1; pci display.b 0.1f.2 0 11") == (
        "00000000: 29228086\n"
        "00000000: 86 80 22 29 07 00 00 00 00 01 06 01 00 00 00 00\n"
        "00000010: 01\n"
    ).replace("07 00 00 00", run("pci display.b 0.1f.2 4 4")[10:-1])
    assert "Usage:" in run("pci display.q 0.1.0")  # no access to these is longer than 32 bits
    run("pci write.w 0.1.0 4 6")
    assert run("pci display.w 0.1.0 4 1") == "00000004: 0006\n"
    assert "  device ID                   = 0x11e8\n" in run("pci header 0.1.0")
    bars = run("pci bar 0.1.0").split("\n")
    assert bars[2] == " 0   0x0000000010000000  0x0000000000100000  32     MEM"


def test_pci_errors():
    machine()
    assert run("pci display 0.5.0; echo $?") == "No such device\n1\n"
    assert run("pci display zz; echo $?").startswith("## Error: 'zz' is no hexadecimal")
    assert "Usage:\npci [bus|*]" in run("pci display")
    assert "Usage:" in run("pci write 0.1.0 4")
    assert run("pci display 0.1.0 2000 1; echo $?").endswith("\n1\n")


class Mounted:
    """vfs: what is mounted."""

    def __init__(self, *found):
        self.found = list(found)

    def mount(self):
        return list(self.found)


def files(function):
    """Run a test with FOLDER as the disk sd0p1, and 128 KiB of RAM."""
    mmio.detach_all()
    memory = mmio.Memory(bytearray(1 << 17))
    mmio.attach(RAM, 1 << 17, memory)
    os.mkdir(FOLDER)
    fs, own = object(), mounts.vfs
    mounts._found["sd0p1"] = fs
    mounts.vfs = Mounted((fs, FOLDER))
    try:
        function(memory.buf)
    finally:
        mounts.vfs = own
        del mounts._found["sd0p1"]
        for name in os.listdir(FOLDER):
            try:
                os.remove(FOLDER + "/" + name)
            except OSError:
                os.rmdir(FOLDER + "/" + name)
        os.rmdir(FOLDER)


def test_save_ls_load():
    def body(buf):
        buf[:5] = b"hello"
        env = {}
        said = run("save sata 0:1 40000000 a.bin 10001", env)
        assert said.startswith("65537 bytes written in ")
        os.mkdir(FOLDER + "/sub")
        assert (
            run("ls sata 0:1") == "    65537   a.bin\n            sub/\n\n1 file(s), 1 dir(s)\n\n"
        )
        assert run("ls sata 0:1 /sub") == "\n0 file(s), 0 dir(s)\n\n"
        assert run("ls vfs 0 " + FOLDER) == run("ls " + FOLDER) == run("ls scsi 0:1 /")
        buf[:5] = bytes(5)
        assert run("load sata 0:1 40000000 /a.bin", env).startswith("65537 bytes read in ")
        assert bytes(buf[:6]) == b"hello\x00"
        assert env == {"filesize": "10001", "fileaddr": "40000000"}
        env = {"loadaddr": "0x40000100", "bootfile": "a.bin"}
        assert run("load sata 0:1 $loadaddr a.bin 3 1", env)[:7] == "3 bytes"
        assert bytes(buf[0x100:0x104]) == b"ell\x00" and env["filesize"] == "3"
        assert run("load sata 0:1", env)[:5] == "65537"

    files(body)


def test_save_into_the_middle_of_a_file():
    def body(buf):
        buf[:4] = b"wxyz"
        run("save sata 0:1 40000000 b 4; save sata 0:1 40000000 b 2 1")
        with open(FOLDER + "/b", "rb") as file:
            assert file.read() == b"wwxz"

    files(body)


def test_an_address_that_does_not_answer_leaves_the_file():
    def body(buf):
        buf[:4] = b"keep"
        run("save sata 0:1 40000000 d 4")
        assert "nothing answers" in run("save sata 0:1 50000000 d 4; echo failed $?")
        with open(FOLDER + "/d", "rb") as file:
            assert file.read() == b"keep"
        assert run("save sata 0:1 50000000 e 0").startswith("0 bytes written")

    files(body)


def test_variables_are_saved_where_they_differ():
    def body(buf):
        place, shell_env.FILE = shell_env.FILE, FOLDER + "/ush.env"
        try:
            env = shell_env.started()
            assert env == shell_env.defaults()
            said = run("setenv é ' a=b '; setenv loadaddr; setenv cpu x; env save; echo $?", env)
            assert said == "Saving Environment to %s/ush.env... OK\n0\n" % FOLDER
            wanted = shell_env.defaults()
            wanted.update({"é": " a=b ", "cpu": "x"})  # what was deleted is there again
            assert shell_env.started() == wanted
            assert run("env default -a; saveenv; echo $?", env).endswith("OK\n0\n")
            assert shell_env.started() == shell_env.defaults()
            with open(FOLDER + "/ush.env", "wb") as file:
                file.write(b"junk\0=\0ok=1\0\xff=2\0cut=")
            assert shell_env.started()["ok"] == "1"
            os.remove(FOLDER + "/ush.env")
            shell_env.FILE = FOLDER + "/none/ush.env"
            assert run("env save; echo $?", env).startswith("## Error: no disk's root to write ")
        finally:
            shell_env.FILE = place

    files(body)


def test_file_errors():
    def body(buf):
        said = run("load sata 0:1 40000000 nofile; echo $?")
        assert said.startswith("** File not found nofile **\nFailed to load 'nofile': ")
        assert said.endswith("\n1\n")
        assert run("load sata 0:2 40000000 a; echo $?") == (
            "** Bad device specification sata 0:2 **\n1\n"
        )
        assert run("load floppy 0 40000000 a") == "** Bad device specification floppy 0 **\n"
        assert run("load sata 0:1") == "** No boot file defined **\n"
        assert run("ls sata 0:1 /none; echo $?").startswith("** Cannot read %s/none" % FOLDER)
        run("save sata 0:1 40000000 c 10")
        assert "nothing answers" in run("load sata 0:1 50000000 c; echo failed $?")
        assert run("load sata 0:1 40000000 c 20").startswith(
            "** c shorter than offset + len **\n16 bytes read"
        )
        assert (
            "Usage:" in run("load") and "Usage:" in run("save sata 0:1") and "Usage:" in run("ls")
        )

    files(body)


def test_a_device_that_is_mounted_no_longer():
    def body(buf):
        for found in [], [(object(), FOLDER)]:
            mounts.vfs.found = found
            said = run("save sata 0:1 40000000 a.bin 10")
            assert said == "** Bad device specification sata 0:1 **\n", said
        assert os.listdir(FOLDER) == []

    files(body)
