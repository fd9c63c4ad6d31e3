"""A disk that fails at one request (QEMU's blkdebug), through AHCI and ext2 on the target: the
error is one that Python sees, what was synced stays, and e2fsck repairs without questions.
"""

import e2fs
import pytest
from ahcidisks import machine, value

pytestmark = pytest.mark.storage

SIZE = 8 << 20
EIO = 5

# Names the step at which an error came, None when none did.
WORKLOAD = """
import vfs, os
from ext2 import VfsExt2

def work():
    step = "mount"
    try:
        f = VfsExt2(d, cache=64 << 10)
        vfs.mount(f, "/d")
        for i in range(6):
            step = "read"
            with open("/d/kept", "rb") as file:
                if file.read() != bytes(range(256)) * 128:
                    return "content", 0
            step = "create"
            with open("/d/new%d" % i, "wb") as file:
                file.write(bytes(range(256)) * 30 * (i + 1))
            step = "rename"
            os.rename("/d/new%d" % i, "/d/named%d" % i)
            if i == 3:
                step = "remove"
                os.remove("/d/named1")
                f.sync()
        step = "umount"
        vfs.umount("/d")
    except OSError as why:
        return step, why.errno
    return None, 0
"""


@pytest.fixture
def disk(tmp_path):
    """An ext2 image with one file that nothing may change."""
    tree, path = tmp_path / "tree", tmp_path / "disk"
    tree.mkdir()
    (tree / "kept").write_bytes(bytes(range(256)) * 128)
    return e2fs.mke2fs(path, SIZE, "-b", 1024, tree=tree)


def _rules(path, event, at, once):
    """blkdebug's configuration: the request of this kind number `at` (from 1) fails with EIO, and
    those after it unless `once`.
    """
    text = []
    for n in range(1, at):
        text += [
            "[set-state]",
            f'state = "{n}"',
            f'event = "{event}"',
            f'new_state = "{n + 1}"',
        ]
    text += [
        "[inject-error]",
        f'state = "{at}"',
        f'event = "{event}"',
        'errno = "5"',
        f'once = "{"on" if once else "off"}"',
    ]
    path.write_text("\n".join(text) + "\n")
    return path


def _machine(vm_factory, tmp_path, disk, event, at, once):
    rules = _rules(tmp_path / "rules", event, at, once)
    drive = (
        "ide-hd,drive=d0,bus=a.0,rerror=report,werror=report",
        ["-drive", f"if=none,id=d0,format=raw,file=blkdebug:{rules}:{disk}"],
    )
    return machine(vm_factory, drive, append="root=none")


def _judge(disk):
    e2fs.run("e2fsck", "-fp", disk, ok=(0, 1))
    assert e2fs.debugfs(disk, "cat /kept") == bytes(range(256)) * 128


@pytest.mark.parametrize("how", ["once", "retried", "dead"])
@pytest.mark.parametrize("at", [4, 7, 11, 16])
@pytest.mark.parametrize("event", ["read_aio", "write_aio", "flush_to_disk"])
def test_errors(vm_factory, tmp_path, disk, event, at, how):
    repl = _machine(vm_factory, tmp_path, disk, event, at, how != "dead")
    if how == "once":
        repl.exec("d.retries = 0")
    repl.exec(WORKLOAD)
    step, number = value(repl, "work()", timeout=120)
    said = repl.exec("dmesg()")
    print(event, at, how, step, number)
    assert "device ABRT" in said, f"the request was never made: {said}"
    if how == "retried":
        assert (step, number) == (None, 0)
    else:
        assert number == EIO, said
        if event == "flush_to_disk":  # what was written before it may be lost
            assert "ext2 sd0: read-only from now on" in said
    _judge(disk)
