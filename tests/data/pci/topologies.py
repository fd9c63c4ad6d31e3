"""The machines whose PCI view is compared with Linux's: options of pyrallax.vm.qemu.Config.

make_golden.py boots Linux on them, the tests boot the firmware.  A disk without an image behind it
(null-co) needs no file; device models are all of QEMU 7.2.
"""

_NULL = ["-blockdev", "driver=null-co,node-name={0},size=1048576,read-zeroes=on"]


def _blank(name: str) -> list[str]:
    return [word.format(name) for word in _NULL]


_MANY = [
    "virtio-net-pci,addr=2.0,multifunction=on,mac=52:54:00:12:34:56,romfile=",
    "virtio-rng-pci,addr=2.1",
    "virtio-blk-pci,addr=2.3,drive=d0",
    "virtio-gpu-pci,addr=3",
    "qemu-xhci,addr=4",
    "ich9-usb-ehci1,addr=5.7,multifunction=on,id=ehci",
    "ich9-usb-uhci1,addr=5.0,multifunction=on,masterbus=ehci.0,firstport=0",
    "ich9-usb-uhci2,addr=5.1,multifunction=on,masterbus=ehci.0,firstport=2",
    "ich9-ahci,addr=6",
    "ich9-intel-hda,addr=7",
    "edu,addr=8,dma_mask=0xffffffffffffffff",
    "nvme,addr=9,serial=n0,drive=d1",
    "e1000e,addr=a,mac=52:54:00:12:34:57,romfile=",
    "virtio-serial-pci,addr=b,disable-modern=on,disable-legacy=off",
]
_MANY_EXTRA = _blank("d0") + _blank("d1")

_BRIDGES = [
    "pcie-root-port,id=rp0,bus=pcie.0,addr=4.0,multifunction=on,chassis=1,slot=1",
    "pcie-root-port,id=rp1,bus=pcie.0,addr=4.1,chassis=2,slot=2",
    "pcie-pci-bridge,id=pb0,bus=rp1,addr=0",
    "pci-bridge,id=pb1,bus=pb0,addr=1,chassis_nr=9,shpc=off",
    "x3130-upstream,id=up0,bus=rp0,addr=0",
    "xio3130-downstream,id=dn0,bus=up0,addr=0,chassis=3,slot=3",
    "xio3130-downstream,id=dn1,bus=up0,addr=1,chassis=4,slot=4",
    "virtio-net-pci,bus=dn0,addr=0,mac=52:54:00:12:34:56,romfile=",
    "nvme,bus=dn1,addr=0,serial=n0,drive=d0",
    "virtio-rng-pci,bus=pb0,addr=2",
    "edu,bus=pb1,addr=3,dma_mask=0xffffffffffffffff",
    "qemu-xhci,bus=pb1,addr=4",
    "virtio-gpu-pci,bus=pcie.0,addr=5",
    "e1000e,bus=pcie.0,addr=6,mac=52:54:00:12:34:57,romfile=",
]

_BRIDGES_EXTRA = _blank("d0")

MACHINES = {
    f"{name}-gic{gic}-{machine}": {
        "machine": machine,
        "gic": gic,
        "device": device,
        "extra": extra,
    }
    for name, device, extra in (
        ("many", _MANY, _MANY_EXTRA),
        ("bridges", _BRIDGES, _BRIDGES_EXTRA),
    )
    for gic in (2, 3)
    for machine in ("direct", "uefi")
}
