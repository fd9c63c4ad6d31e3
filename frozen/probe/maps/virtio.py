"""VirtIO 1.2 transports, with the names of the spec: PCI (modern and legacy) and MMIO."""

from probe.regs import Map

_STATUS = "RW ACKNOWLEDGE@0 DRIVER@1 DRIVER_OK@2 FEATURES_OK@3 NEEDS_RESET@6/RO FAILED@7 § 2.1\n"

# virtio_pci_common_cfg; the queue_* registers are those of queue_select.
COMMON = Map(
    "virtio common",
    "VirtIO 1.2 §4.1.4.3",
    """
0x00 device_feature_select RW
0x04 device_feature RO
0x08 driver_feature_select RW
0x0c driver_feature RW
0x10 config_msix_vector:16 RW
0x12 num_queues:16 RO
0x14 device_status:8 """
    + _STATUS
    + """0x15 config_generation:8 RO
0x16 queue_select:16 RW
0x18 queue_size:16 RW
0x1a queue_msix_vector:16 RW
0x1c queue_enable:16 RW
0x1e queue_notify_off:16 RO
0x20 queue_desc:64/2 RW
0x28 queue_driver:64/2 RW
0x30 queue_device:64/2 RW
0x38 queue_notify_data:16 RO
0x3a queue_reset:16 RW
""",
)

ISR = Map("virtio isr", "VirtIO 1.2 §4.1.4.5", "0 isr_status:8 RC QUEUE@0 CONFIG@1")

# The two vectors are there while MSI-X is enabled; else the device's own registers begin at 0x14.
LEGACY = Map(
    "virtio legacy",
    "VirtIO 1.2 §4.1.4.10",
    """
0x00 device_feature RO
0x04 driver_feature RW
0x08 queue_address RW
0x0c queue_size:16 RO
0x0e queue_select:16 RW
0x10 queue_notify:16 WO
0x12 device_status:8 """
    + _STATUS
    + """0x13 isr_status:8 RC QUEUE@0 CONFIG@1
0x14 config_msix_vector:16 RW
0x16 queue_msix_vector:16 RW
""",
)

MMIO = Map(
    "virtio mmio",
    "VirtIO 1.2 §4.2.2",
    """
0x000 MagicValue RO
0x004 Version RO
0x008 DeviceID RO
0x00c VendorID RO
0x010 DeviceFeatures RO
0x014 DeviceFeaturesSel WO
0x020 DriverFeatures WO
0x024 DriverFeaturesSel WO
0x030 QueueSel WO
0x034 QueueNumMax RO
0x038 QueueNum WO
0x044 QueueReady RW
0x050 QueueNotify WO
0x060 InterruptStatus RO USED@0 CONFIG@1
0x064 InterruptACK WO USED@0 CONFIG@1
0x070 Status """
    + _STATUS
    + """0x080 QueueDescLow WO
0x084 QueueDescHigh WO
0x090 QueueDriverLow WO
0x094 QueueDriverHigh WO
0x0a0 QueueDeviceLow WO
0x0a4 QueueDeviceHigh WO
0x0fc ConfigGeneration RO
""",
)
