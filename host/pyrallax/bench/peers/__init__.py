"""What the firmware is measured beside: the peers, from packages only, on the same machine."""
