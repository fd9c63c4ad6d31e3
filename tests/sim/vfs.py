"""The module vfs for CPython: what was mounted.  The unix port has its own."""

mounted = []


def mount(*args, **kw):
    """Note a file system, or give [(file system, mount point), …]."""
    if not args:
        return list(mounted)
    mounted.append(args[:2])
