"""Pictures by `prlctl capture`, and whether they show anything."""

import struct
import zlib
from pathlib import Path

WARM_UP_S = 90  # pictures may be black for so long (stated: Parallels)


_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # samples of a pixel, by PNG's colour type


def is_black(png: Path) -> bool:
    """Whether all samples of an 8-bit PNG are 0, those of transparency apart.

    Raises ValueError for no PNG.  PNG 3rd edition; each filter of §9 leaves zeros zeros, channel
    by channel, so nothing has to be unfiltered.
    """
    try:
        return _is_black(png.read_bytes())
    except (struct.error, zlib.error) as why:
        raise ValueError(f"{png} is a broken PNG: {why}") from None


def _is_black(data: bytes) -> bool:
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("it is no PNG")
    at, packed, width, channels, alpha = 8, b"", 0, 0, False
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour = struct.unpack_from(">IIBB", body)
            channels = _CHANNELS.get(colour, 0) if depth == 8 else 0
            alpha = colour in (4, 6)
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    if not channels:
        return False  # a palette: something drew it
    rows = zlib.decompress(packed)
    stride = 1 + width * channels
    drawn = range(channels - alpha)
    return not any(
        any(rows[y + 1 + channel : y + stride : channels])
        for y in range(0, len(rows), stride)
        for channel in drawn
    )
