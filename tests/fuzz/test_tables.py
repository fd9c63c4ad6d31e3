"""Damaged tables for the frozen parsers: ACPI, AML, device tree, table loader, SMBIOS.

MicroPython's unix port runs 200,000 cases with --full and 4,000 without; CPython runs a part.  A
finding prints its seed and bytes and gets a unit test.
"""

import struct
import subprocess
from pathlib import Path

import campaign
import pytest

from pyrallax import ROOT, iasl
from pyrallax.vm import acpi as twin
from pyrallax.vm.config import QEMU

pytestmark = [pytest.mark.probe, pytest.mark.timeout(0)]

_AT = 0x1000  # as in tables_target.py


def _system(made: dict[str, bytes]) -> bytes:
    """RSDP, XSDT and tables in one image."""
    image = bytearray(64)
    at = {}
    for signature, data in made.items():
        at[signature] = _AT + len(image)
        image += data.ljust(-(-len(data) // 8) * 8, b"\0")
    facp = at["FACP"] - _AT
    struct.pack_into("<Q", image, facp + 132, at["FACS"])
    struct.pack_into("<Q", image, facp + 140, at["DSDT"])
    image[facp : facp + 276] = twin.checksummed(bytes(image[facp : facp + 276]))
    listed = [at[s] for s in made if s not in ("DSDT", "FACS")]
    xsdt = twin.table("XSDT", 1, struct.pack(f"<{len(listed)}Q", *listed))
    head = struct.pack("<8sB6sBIIQB3x", b"RSD PTR ", 0, b"FUZZ  ", 2, 0, 36, _AT + len(image), 0)
    head = bytearray(head)
    head[8] = -sum(head[:20]) & 0xFF
    head[32] = -sum(head) & 0xFF
    image[:36] = head
    return bytes(image + xsdt)


def _smbios() -> bytes:
    made = b""
    for kind, size in ((0, 24), (1, 27), (3, 22), (4, 48), (16, 23), (17, 40), (19, 31), (32, 11)):
        body = bytes(1 + at % 3 for at in range(size - 4))
        made += struct.pack("<BBH", kind, size, kind) + body + b"one\0two\0three\0\0"
    return made + struct.pack("<BBH", 127, 4, 127) + b"\0\0"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    rich = iasl.compile_asl((ROOT / "tests" / "unit" / "rich.asl").read_text())
    made = twin.tables(twin.Machine(cpus=(0, 1, 3, 2)))
    files = {"namespace-rich": rich, "namespace-twin": made["DSDT"], "structures-all": _smbios()}
    files["namespace-again"] = rich  # more often
    files["system-twin"] = _system(made)
    files["loader-twin"] = twin.fw_cfg(made)["etc/table-loader"]
    start = rich.index(b"\x86\x09\x00\x01") if b"\x86\x09\x00\x01" in rich else 0
    at = rich.index(b"\x86\x09\x00", start)
    files["resources-rich"] = rich[at : rich.index(b"\x79\0", at) + 2]
    for signature in ("APIC", "GTDT", "DBG2", "IORT", "PPTT", "FACP"):
        files[f"fields-{signature}"] = iasl.template(signature)
    dtb = folder / "virt.dtb"
    argv = [
        QEMU,
        "-M",
        f"virt,dtb-randomness=off,dumpdtb={dtb}",
        "-nic",
        "none",
        "-display",
        "none",
    ]
    subprocess.run(argv, check=True, timeout=60, capture_output=True)
    tree = dtb.read_bytes()
    dtb.unlink()
    files["tree-virt"] = tree[: max(_end(tree, 8, 36), _end(tree, 12, 32))]
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def _end(tree: bytes, offset: int, size: int) -> int:
    return sum(struct.unpack_from(">I", tree, at)[0] for at in (offset, size))


@pytest.mark.parametrize("seed", range(4))
def test_unix_port(corpus, full, seed):
    campaign.damaged("unix", "tables_target.py", corpus, seed, 50_000 if full else 1_000)


def test_cpython(corpus, full):
    campaign.damaged("cpython", "tables_target.py", corpus, 77, 20_000 if full else 1_000)
