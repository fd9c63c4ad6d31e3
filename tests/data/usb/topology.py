"""QEMU's USB devices whose descriptors Linux has printed for lsusb-linux.txt."""

from pathlib import Path

DEVICES = (
    "qemu-xhci,id=x,addr=4",
    "usb-kbd,bus=x.0,port=1,serial=k",
    "usb-tablet,bus=x.0,port=2,serial=t",
    "usb-hub,bus=x.0,port=4,serial=h",
    "usb-ccid,bus=x.0,port=4.4",
)


def disk(path: Path) -> list[str]:
    """More arguments: a disk of 1 MiB, sound, a network function of two configurations."""
    path.write_bytes(bytes(1 << 20))
    return [
        "-drive", f"if=none,id=u,format=raw,file={path}",
        "-device", "usb-storage,bus=x.0,drive=u,port=3,serial=4711",
        "-audiodev", "none,id=a", "-device", "usb-audio,bus=x.0,port=4.2,audiodev=a",
        "-netdev", "user,id=n",
        "-device", "usb-net,bus=x.0,port=4.3,netdev=n,mac=52:54:00:12:34:56",
    ]  # fmt: skip
