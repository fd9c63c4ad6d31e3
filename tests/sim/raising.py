"""What pytest.raises does, for tests that MicroPython runs as well."""


def raised(kind, function, *args, **words):
    """The exception of this kind that a call raises; AssertionError where it raises none."""
    try:
        function(*args, **words)
    except kind as why:
        return why
    raise AssertionError("no %s" % (kind,))


def raises(kind, function, *args, **words):
    """Its text, never an empty one."""
    return str(raised(kind, function, *args, **words)) or "raised"
