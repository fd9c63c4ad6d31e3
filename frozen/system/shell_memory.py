"""ush: md, mw, cp, cmp, crc32.  Numbers are hexadecimal; what does not answer is an error."""

import errno

import rawmem

from shell import Failed, Usage

_CHUNK = 4096
_ROW = 16
_SIZES = {"": 4, "b": 1, "w": 2, "l": 4, "q": 8}
_NAMES = {1: "byte", 2: "halfword", 4: "word", 8: "double word"}


def number(text):
    """A hexadecimal number, 0x or not.  Raises Failed."""
    try:
        value = int(text.replace("_", "?"), 16)  # which Python would skip
    except ValueError:
        raise Failed("## Error: '%s' is no hexadecimal number" % text)
    if not 0 <= value < 1 << 64:
        raise Failed("## Error: '%s' does not fit into 64 bits" % text)
    return value


def size_of(word):
    """Bytes of an object by a command's ending: md.b.  Raises Usage."""
    size = _SIZES.get(word.partition(".")[2])
    if size is None:
        raise Usage
    return size


def _address(text, size, count=1):
    addr = number(text)
    if addr % size:
        raise Failed("## Error: 0x%x is no multiple of %d" % (addr, size))
    if addr + size * count > 1 << 64:
        raise Failed("## Error: 0x%x objects do not fit behind 0x%x" % (count, addr))
    return addr


def store(function, addr, *args):
    """Call rawmem's function(addr, …) that writes there.  Raises Failed for the firmware's own."""
    try:
        function(addr, *args)
    except OSError as why:
        if why.errno != errno.EPERM:
            raise
        raise Failed("## Error: 0x%x: the firmware uses that memory itself" % addr)


def do_md(sh, words):
    if not 2 <= len(words) <= 3:
        raise Usage
    size = size_of(words[0])
    count = number(words[2]) if len(words) > 2 else 0x40
    return _display(sh, _address(words[1], size, count), size, count)


def _display(sh, addr, size, count):
    left = size * count
    cells = (2 * size + 1) * (_ROW // size)
    while left:
        n = min(left, _ROW)
        data = rawmem.read(addr, n, 8 * size)
        row = ""
        for i in range(0, n, size):
            row += " %0*x" % (2 * size, int.from_bytes(data[i : i + size], "little"))
        text = "".join([chr(c) if 32 <= c < 127 else "." for c in data])
        sh.say("%08x:%-*s  %s" % (addr, cells, row, text))
        addr += n
        left -= n
    if addr < 1 << 64:
        sh.again = lambda: _display(sh, addr, size, count)
    return 0


def do_mw(sh, words):
    if not 3 <= len(words) <= 4:
        raise Usage
    size = size_of(words[0])
    count = number(words[3]) if len(words) > 3 else 1
    addr = _address(words[1], size, count)
    value = number(words[2]) & ((1 << 8 * size) - 1)
    store(rawmem.fill, addr, size * count, value, 8 * size)


def do_cp(sh, words):
    if len(words) != 4:
        raise Usage
    size = size_of(words[0])
    count = number(words[3])
    if not count:
        raise Failed("Zero length ???")
    source, target = _address(words[1], size, count), _address(words[2], size, count)
    store(rawmem.copy, target, source, size * count, 8 * size)


def do_cmp(sh, words):
    if len(words) != 4:
        raise Usage
    size = size_of(words[0])
    count = number(words[3])
    one, two = _address(words[1], size, count), _address(words[2], size, count)
    name = _NAMES[size]
    at = rawmem.compare(one, two, size * count, 8 * size)
    same = count if at < 0 else at // size
    if at >= 0:
        values = []
        for addr in (one + same * size, two + same * size):
            value = int.from_bytes(rawmem.read(addr, size, 8 * size), "little")
            values.append("%s at 0x%08x (0x%0*x)" % (name, addr, 2 * size, value))
        sh.say(" != ".join(values))
    sh.say("Total of %d %s(s) were the same" % (same, name))
    return 0 if at < 0 else 1


def do_crc32(sh, words):
    verify = words[1:2] == ["-v"]
    rest = words[2:] if verify else words[1:]
    if len(rest) != 3 and (verify or len(rest) != 2):
        raise Usage
    count = number(rest[1])
    addr = _address(rest[0], 1, count)
    crc = rawmem.crc32(addr, count)
    text = "crc32 for %08x ... %08x ==> %08x" % (addr, max(addr, addr + count - 1), crc)
    if not verify:
        sh.say(text)
        if len(rest) > 2:
            store(rawmem.write, _address(rest[2], 1, 4), crc.to_bytes(4, "big"))
        return 0
    wanted = number(rest[2])
    if crc != wanted:
        sh.say("%s != %08x ** ERROR **" % (text, wanted))
        return 1
    return 0
