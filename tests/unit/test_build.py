"""Images, sizes and symbols: what the build's host tools make."""

import subprocess
from pathlib import Path

import pytest

from pyrallax import BUILD, symbolize
from pyrallax.image import compdb, esp, size

pytestmark = pytest.mark.host


def test_esp_holds_the_files_and_is_reproducible(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_bytes(bytes(range(256)) * 300)
    names = {"EFI/BOOT/BOOTAA64.EFI": file, "pyrallax/cmdline.txt": file}
    images = []
    for folder in ("a", "b"):
        images.append(tmp_path / folder / "esp.img")
        esp.build(images[-1], names)
    assert images[0].read_bytes() == images[1].read_bytes()
    for name in names:
        got = subprocess.run(
            ["mtype", "-i", images[0], f"::/{name}"], capture_output=True, check=True
        ).stdout
        assert got == file.read_bytes()


def test_esp_of_a_missing_file_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(esp.ImageError, match="mcopy"):
        esp.build(tmp_path / "esp.img", {"a/b": tmp_path / "nosuch"})
    assert list(tmp_path.iterdir()) == []


def test_compile_commands_of_a_dry_run():
    text = (
        "make[1]: Entering directory '/src/port'\n"
        "echo CC main.c\n"
        "clang-19 -O2 \\\n -DX='\"a b\"' -c -o main.o main.c\n"
        "make[1]: Leaving directory '/src/port'\n"
    )
    (entry,) = compdb.entries(text)
    assert entry["directory"] == "/src/port" and entry["file"] == "main.c"
    assert '-DX="a b"' in entry["arguments"]


def test_firmware_is_measured_and_symbolized():
    elf = BUILD / "firmware.elf"
    assert elf.is_file(), "no firmware is built: run `make build`"
    sizes = size.measure(elf)
    assert sizes["text"] > 100_000 and sizes["frozen"] > 0
    assert sizes["loaded"] <= 1.5 * 1024 * 1024
    symbols = size._tool("llvm-nm", "--defined-only", str(elf)).splitlines()
    address = next(line.split()[0] for line in symbols if line.endswith(" mp_execute_bytecode"))
    (line,) = symbolize.resolve(Path(elf), [("pc", int(address, 16))])
    assert "mp_execute_bytecode" in line and "vm.c:" in line
