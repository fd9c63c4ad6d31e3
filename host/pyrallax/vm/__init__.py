"""Virtual machines that the host tools start."""
