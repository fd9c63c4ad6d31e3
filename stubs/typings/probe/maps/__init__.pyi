# Made by `inv stubs` from frozen/probe/maps/__init__.py: do not edit.
"""Register maps of known devices, one module a kind; nothing is parsed before it is used."""
