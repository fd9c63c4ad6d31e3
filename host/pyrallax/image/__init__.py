"""Images of disks, and what is inside the firmware's."""
