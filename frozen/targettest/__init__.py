"""Tests on the target; people import them as `unittest`."""
