# Made by `inv stubs` from frozen/targettest/__init__.py: do not edit.
"""Tests on the target; people import them as `unittest`."""
