"""lsusb() against what usbutils 014 prints for the same descriptors."""

import lsusb
import usb_devices
import usb_parallels
from usb_hcd import Rig

AREA = "usb"

# As `lsusb -v` has it for QEMU's keyboard, whose own strings stand where usb.ids would help.
KEYBOARD = """
Bus 001 Device 001: ID 0627:0001 QEMU QEMU USB Keyboard
Device Descriptor:
  bLength                18
  bDescriptorType         1
  bcdUSB               2.00
  bDeviceClass            0 
  bDeviceSubClass         0 
  bDeviceProtocol         0 
  bMaxPacketSize0        64
  idVendor           0x0627 QEMU
  idProduct          0x0001 QEMU USB Keyboard
  bcdDevice            1.00
  iManufacturer           1 QEMU
  iProduct                2 QEMU USB Keyboard
  iSerial                 3 42
  bNumConfigurations      1
  Configuration Descriptor:
    bLength                 9
    bDescriptorType         2
    wTotalLength       0x0022
    bNumInterfaces          1
    bConfigurationValue     1
    iConfiguration          0 
    bmAttributes         0xa0
      (Bus Powered)
      Remote Wakeup
    MaxPower              100mA
    Interface Descriptor:
      bLength                 9
      bDescriptorType         4
      bInterfaceNumber        0
      bAlternateSetting       0
      bNumEndpoints           1
      bInterfaceClass         3 Human Interface Device
      bInterfaceSubClass      1 Boot Interface Subclass
      bInterfaceProtocol      1 Keyboard
      iInterface              0 
        HID Device Descriptor:
          bLength                 9
          bDescriptorType        33
          bcdHID               1.11
          bCountryCode            0 Not supported
          bNumDescriptors         1
          bDescriptorType        34 Report
          wDescriptorLength      63
      Endpoint Descriptor:
        bLength                 7
        bDescriptorType         5
        bEndpointAddress     0x81  EP 1 IN
        bmAttributes            3
          Transfer Type            Interrupt
          Synch Type               None
          Usage Type               Data
        wMaxPacketSize     0x0008  1x 8 bytes
        bInterval               7
Device Status:     0x0000
  (Bus Powered)
"""  # noqa: W291


def printed(rig, verbose=True):
    lines = []
    lsusb.print = lambda text="": lines.append(text)
    try:
        lsusb.show(rig.bus.devices, verbose)
    finally:
        del lsusb.print
    return "\n".join(lines) + "\n"


def test_keyboard():
    rig = Rig({1: usb_devices.keyboard()})
    rig.settle()
    assert printed(rig) == KEYBOARD, printed(rig)
    assert printed(rig, False) == "Bus 001 Device 001: ID 0627:0001 QEMU QEMU USB Keyboard\n"
    rig.close()


def test_camera_and_companions():
    rig = Rig({}, {1: usb_parallels.camera(), 2: usb_parallels.mouse()})
    rig.settle()
    text = printed(rig)
    for part in (
        "    Interface Association:\n      bLength                 8\n",
        "      bFunctionClass         14 Video\n",
        "      bFunctionSubClass       3 Video Interface Collection\n",
        "        bMaxBurst              15\n",
        "        wMaxPacketSize     0x0400  1x 1024 bytes\n",
        "Binary Object Store Descriptor:\n  bLength                 5\n",
        "  wTotalLength       0x0016\n",
        "    bmAttributes   0x00000002\n      HIRD Link Power Management (LPM) Supported\n",
        "    wSpeedsSupported   0x000e\n      Device can operate at Full Speed (12Mbps)\n",
        "    bU2DevExitLat        2047 micro seconds\n",
        "    MaxPower              400mA\n",
        "      ** UNRECOGNIZED:  0d 24 01 00 01 0d 00 00 00 00 00 01 01\n",
        "  bDeviceClass          239 Miscellaneous Device\n",
        "  bDeviceProtocol         1 Interface Association\n",
    ):
        assert part in text, (part, text)
    rig.close()


def test_devices_that_do_not_answer_any_more():
    model = usb_devices.keyboard()
    rig = Rig({1: model})
    rig.settle()
    model.always = "silent"
    rig.bus.devices[0].strings.clear()
    assert "iManufacturer           1 \n" in printed(rig)
    model.always = "stall"
    rig.bus.devices[0].strings.clear()
    assert "Status" not in printed(rig)
    rig.close()
