# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks and firmware of a target over its serial line, with esptool.

This folder builds on esptool and has its licence.  Nothing else of the project imports it; the
commands load it when they run (flashing.py).
"""
