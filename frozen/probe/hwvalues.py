"""Values as the hardware report writes them."""

import binascii


def hex_text(value):
    """Numbers that are addresses or registers: JSON readers keep 53 bits of an integer."""
    return "0x%x" % value


def base64(data):
    """Bytes as ASCII text without line ends."""
    return binascii.b2a_base64(data, newline=False).decode()


def each(items, make):
    """Yield make(item) for each; one that fails is {"error": why, "where": item}."""
    for item in items:
        try:
            made = make(item)
        except Exception as why:
            made = {"error": "%s: %s" % (type(why).__name__, why), "where": str(item)}
        yield made
