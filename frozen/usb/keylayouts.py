"""What is printed on keys: US, UK, DE, FR, as Windows' drivers of these names have them.

Caps Lock is for letters, as Linux has it.

Characters of the combining block (U+0300…) are dead keys.
"""

from array import array

from micropython import const

# Places: usages 0x04 to 0x27, 0x2D to 0x38 and 0x64 (HID Usage Tables 1.12 §10), by what a US
# keyboard has there; # is 0x32 and < 0x64, the two that only ISO keyboards have.
_PLACES = "abcdefghijklmnopqrstuvwxyz1234567890-=[]\\#;'`,./<"
_COUNT = const(49)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

# name: plain and shifted by place; with AltGr and with both as pairs of place and character,
# AltGr being an Alt key where there are none; the keypad's decimal separator
_LAYOUTS = {
    "us": (
        _LETTERS + "1234567890-=[]\\\\;'`,./\\",
        _LETTERS.upper() + '!@#$%^&*()_+{}||:"~<>?|',
        "",
        "",
        ".",
    ),
    "uk": (
        _LETTERS + "1234567890-=[]##;'`,./\\",
        _LETTERS.upper() + '!"£$%^&*()_+{}~~:@¬<>?|',
        "aáeéiíoóuú4€`¦",
        "aÁeÉiÍoÓuÚ",
        ".",
    ),
    "de": (
        "abcdefghijklmnopqrstuvwxzy1234567890ß\u0301ü+##öä\u0302,.-<",
        "ABCDEFGHIJKLMNOPQRSTUVWXZY!\"§$%&/()=?\u0300Ü*''ÖÄ°;:_>",
        "q@e€mµ2²3³7{8[9]0}-\\]~<|",
        "-ẞ",
        ",",
    ),
    "fr": (
        "qbcdefghijkl,noparstuvzxyw&é\"'(-è_çà)=\u0302$**mù²;:!<",
        "QBCDEFGHIJKL?NOPARSTUVZXYW1234567890°+\u0308£µµM% ./§>",
        "e€2\u03033#4{5[6|7\u03008\\9^0@-]=}]¤",
        "",
        ".",
    ),
}

# Dead key: the character it is with a blank, then pairs of letter and result.
_DEAD = {
    0x300: "`aàeèiìoòuùAÀEÈIÌOÒUÙ",
    0x301: "´aáeéiíoóuúyýAÁEÉIÍOÓUÚYÝ",
    0x302: "^aâeêiîoôuûAÂEÊIÎOÔUÛ",
    0x303: "~aãnñoõAÃNÑOÕ",
    0x308: "¨aäeëiïoöuüyÿAÄEËIÏOÖUÜ",
}


def names():
    """Layouts there are."""
    return sorted(_LAYOUTS)


def _put(codes, level, text):
    text = list(text)  # indexing a str of MicroPython counts its characters
    for i in range(0, len(text), 2):
        codes[level * _COUNT + _PLACES.index(text[i])] = ord(text[i + 1])


class Layout:
    """One layout, as numbers: asking it allocates nothing.  Raises ValueError for its name."""

    def __init__(self, name):
        if name not in _LAYOUTS:
            raise ValueError("layouts: " + ", ".join(names()))
        plain, shifted, altgr, both, decimal = _LAYOUTS[name]
        self.name = name
        self.altgr = bool(altgr)
        self.decimal = ord(decimal)
        self._codes = codes = array("H", bytes(2 * 4 * _COUNT))
        for level, text in enumerate((plain, shifted)):
            for at, char in enumerate(text):
                codes[level * _COUNT + at] = 0 if char == " " else ord(char)
        _put(codes, 2, altgr)
        _put(codes, 3, both)
        self._composed = composed = {}
        for dead in set(codes):
            if dead in _DEAD:
                spacing, *pairs = [ord(char) for char in _DEAD[dead]]
                composed[dead << 16 | 0x20] = composed[dead << 16 | dead] = spacing
                for i in range(0, len(pairs), 2):
                    composed[dead << 16 | pairs[i]] = pairs[i + 1]

    def char(self, usage, shift, altgr, caps):
        """Code point of a key, a dead key's among them; 0 for none."""
        if 0x04 <= usage <= 0x27:
            at = usage - 0x04
        elif 0x2D <= usage <= 0x38:
            at = usage - 0x2D + 36
        elif usage == 0x64:
            at = 48
        else:
            return 0
        codes = self._codes
        if altgr:
            return codes[(3 if shift else 2) * _COUNT + at] or codes[2 * _COUNT + at]
        plain, upper = codes[at], codes[_COUNT + at]
        if caps and plain ^ upper == 0x20 and is_letter(plain):
            shift = not shift
        return upper if shift else plain

    def compose(self, dead, char):
        """Code point of both, or 0."""
        return self._composed.get(dead << 16 | char, 0)


def is_letter(code):
    """A small letter of Latin-1."""
    return 0x61 <= code <= 0x7A or 0xE0 <= code <= 0xFE and code != 0xF7
