"""QEMU's usb-serial, which is an FTDI chip: both ways, lines, unplugging, asyncio."""

import socket

import pytest
from ahcidisks import value
from usbmachines import plug

pytestmark = pytest.mark.usb

_BYTES = bytes(range(256)) * 40


@pytest.fixture
def wire(vm_factory, tmp_path):
    """(VM, raw REPL with `p` open, socket at the other end)."""
    path = tmp_path / "s"
    vm = vm_factory(
        device=["qemu-xhci,id=x", "usb-serial,bus=x.0,id=ser,chardev=c"],
        extra=["-chardev", f"socket,id=c,path={path},server=on,wait=off"],
    )
    repl = vm.repl()
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
        s.settimeout(20)
        repl.exec(
            "import usb, usbserial, time, asyncio, dma\nusb.probe()\nbuffers = dma.stats()[0]\n"
            "p = usbserial.ports()[0].init(115200)",
            timeout=90,
        )
        yield vm, repl, s


def received(s, n):
    out = b""
    while len(out) < n:
        out += s.recv(n - len(out))
    return out


def test_both_ways(wire):
    _, repl, s = wire
    assert value(repl, "repr(p)") == "<us0 FTDI 0403:6001>"
    assert value(repl, "p.write(bytes(range(256)) * 40)") == len(_BYTES)
    assert received(s, len(_BYTES)) == _BYTES
    s.sendall(_BYTES)
    repl.exec(
        "p.timeout = 3000\nout = b''\n"
        f"while len(out) < {len(_BYTES)}:\n"
        "    got = p.read(700)\n"
        "    assert got, len(out)\n"
        "    out += got"
    )
    assert value(repl, "out == bytes(range(256)) * 40 and p.errors == p.overruns == 0")
    s.sendall(b"line one\nrest")
    assert value(repl, "(p.readline(), p.cts)") == (b"line one\n", True)
    repl.exec("p.timeout = 50")
    assert value(repl, "(p.read(), p.read(), p.any())") == (b"rest", None, 0)
    repl.exec("p.sendbreak(5)\np.control(dtr=False)\np.deinit()")
    assert value(repl, "p.init(9600, 7, 0, 2) is p and p.write(b'!')") == 1
    assert received(s, 1) == b"!"


def test_streams_of_asyncio(wire):
    _, repl, s = wire
    s.sendall(b"first\nsecond\n")
    said = repl.exec(
        "async def main():\n"
        "    r = asyncio.StreamReader(p)\n"
        "    w = asyncio.StreamWriter(p, {})\n"
        "    p.write_timeout = 0\n"
        "    w.write(b'0123456789' * 1000)\n"
        "    await w.drain()\n"
        "    print(await r.readline(), await r.readexactly(7))\n"
        "    try: await asyncio.wait_for_ms(r.read(1), 50)\n"
        "    except asyncio.TimeoutError: print('none')\n"
        "asyncio.run(main())"
    )
    assert said.split("\r\n" if "\r\n" in said else "\n")[:2] == [
        "b'first\\n' b'second\\n'", "none"
    ]  # fmt: skip
    assert received(s, 10000) == b"0123456789" * 1000


def test_unplugged(wire):
    vm, repl, s = wire
    s.sendall(b"bye")
    repl.exec("t = time.ticks_ms()\nwhile p.any() < 3: time.sleep_ms(2)")
    vm.qmp("device_del", id="ser")
    repl.exec("while usb.devices(): time.sleep_ms(2)\ntime.sleep_ms(20)")
    assert value(repl, "(p.read(), usbserial.ports())") == (b"bye", [])
    said = repl.exec("try: p.read()\nexcept OSError as e: print(e.errno)")
    assert said.strip() == "19"
    plug(vm, driver="usb-serial", bus="x.0", id="ser2", chardev="c")
    repl.exec("while not usbserial.ports(): time.sleep_ms(2)\nq = usbserial.ports()[0].init()")
    assert value(repl, "(q.name, q.write(b'again'))") == ("us0", 5)
    assert received(s, 5) == b"again"
    repl.exec("q.flush()\nq.deinit()")
    assert value(repl, "dma.stats()[0] == buffers") is True
