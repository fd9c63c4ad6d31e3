"""Runs first at the prompt after a panic; its globals are the prompt's."""

import sys

import machine  # noqa: F401  at hand

import pm  # noqa: F401

sys.ps1 = "pm> "
print("post-mortem prompt: pm.help(); Ctrl-D resets")
