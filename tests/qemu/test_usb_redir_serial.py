"""A modem of tests/sim (CDC-ACM) on QEMU's controllers: both ways, lines, a stall, pulled out."""

import pytest
import usb_serial
from ahcidisks import value
from usbredir import Server

pytestmark = pytest.mark.usb

_BYTES = bytes(n * 7 & 255 for n in range(5000))
_WAIT = """
import dma, time, usb, usbserial
def until(what):
    t = time.ticks_ms()
    while not what():
        time.sleep_ms(2)
        assert time.ticks_diff(time.ticks_ms(), t) < 20000, usb.devices()
buses = usb.probe()
"""


@pytest.mark.parametrize("controller", ["qemu-xhci", "usb-ehci"])
def test_modem(vm_factory, controller):
    with Server() as plug:
        vm = vm_factory(device=[f"{controller},id=x", plug.device("x.0")], extra=plug.extra)
        repl = vm.repl()
        repl.exec(_WAIT, timeout=60)
        left = []
        for _ in range(2):
            talk(repl, plug.plug(usb_serial.Serial("high", alternate=1)))
            plug.unplug()
            repl.exec("until(lambda: not (usbserial.ports() or usb.devices() or buses[0].busy()))")
            left.append(value(repl, "dma.stats()[0]"))
        assert left[0] == left[1]  # ehci's pool stays as large as it has been


def talk(repl, modem):
    repl.exec("until(usbserial.ports)\np = usbserial.ports()[0].init(9600, 7, 0)")
    assert value(repl, "repr(p)") == "<us0 CDC-ACM 1209:0001>"
    assert (modem.line, modem.state) == (b"\x80\x25\0\0\0\x02\x07", 3)
    repl.exec(
        f"sent = bytes(n * 7 & 255 for n in range({len(_BYTES)}))\n"
        "p.timeout, out = 3000, b''\n"
        "assert p.write(sent[:2500]) + p.write(sent[2500:]) == len(sent)\n"
        "while len(out) < len(sent):\n"
        "    got = p.read()\n"
        "    assert got, len(out)\n"
        "    out += got\n"
        "p.flush()"
    )
    assert value(repl, "out == sent and p.errors == 0") and bytes(modem.received) == _BYTES
    modem.notify_state(0x03)
    repl.exec("until(lambda: p.dcd and p.dsr)")
    modem.halted.add(0x01)
    said = repl.exec(
        "p.write(b'lost')\n"
        "try: p.flush()\n"
        "except OSError as e: print(e.errno)\n"
        "until(lambda: p.ioctl(3, 4))\n"
        "print(p.write(b'again'), p.read(5))"
    )
    assert said.splitlines() == ["32", "5 b'again'"]
    assert modem.halted == set()
