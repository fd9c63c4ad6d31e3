# Made by `inv stubs` from frozen/bus/pci_ids.py: do not edit.
"""Names of PCI classes, vendors, devices and subsystems, where the frozen table has them.

The table is made by host/pyrallax/image/pciids.py, which says what is in it and how it is packed.
"""

from _typeshed import Incomplete

def class_name(class_: Incomplete) -> Incomplete:
    """Name of class and subclass of a 24-bit class code: "Ethernet controller"; None."""

def interface_name(class_: Incomplete) -> Incomplete:
    """Name of the programming interface of a 24-bit class code, or None."""

def vendor_name(vendor: Incomplete) -> Incomplete:
    """Name of a vendor, or None."""

def device_name(vendor: Incomplete, device: Incomplete) -> Incomplete:
    """Name of a device, without its vendor's, or None."""

def subsystem_name(
    vendor: Incomplete, device: Incomplete, subvendor: Incomplete, subdevice: Incomplete
) -> Incomplete:
    """Name of a subsystem of a device, or None."""
