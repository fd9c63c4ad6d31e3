# Made by `inv stubs` from frozen/bus/acpi_maps.py: do not edit.
"""Field maps of ACPI tables for acpi_fields, with iasl's names for the fields.

A section per structure; its lines: bytes and name, in order; sN text, gas a Generic Address
Structure, mem IORT's memory properties: whole, then by their fields.  A line with a colon is a bit
of the field above: the next one, or :FIRST-LAST.
Sources: ACPI 6.5 §5.2; PCI Firmware 3.3 §4.1.2; Microsoft SPCR and DBG2; ARM DEN 0049 (IORT).
"""

MAPS: str
