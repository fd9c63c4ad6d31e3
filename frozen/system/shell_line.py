"""The line that is typed at ush's prompt: echo, rubbing out, the lines before."""

from micropython import const

_CTRL_A = const(1)
_CTRL_C = const(3)
_BS = const(8)
_LF = const(10)
_CR = const(13)
_CTRL_U = const(21)
_CTRL_X = const(24)
_ESC = const(27)
_DEL = const(127)
_LONGEST = const(4096)  # bytes
_PAST = const(20)  # lines

LEAVE = object()
BREAK = object()


class Line:
    """read(): the next byte as a number, waiting for it.  write(bytes): show them."""

    def __init__(self, read, write):
        self._read = read
        self._write = write
        self._past = []
        self._cr = False

    def get(self, prompt):
        """A line without its end, as text; LEAVE for Ctrl-A on an empty one, BREAK for Ctrl-C."""
        self._write(prompt)
        typed = []
        back = 0  # lines back from the new one
        while True:
            c = self._read()
            second = self._cr and c == _LF  # "\r\n" is one Enter
            self._cr = c == _CR
            if second:
                continue
            if c in (_CR, _LF):
                self._write(b"\r\n")
                return self._kept(typed)
            if c == _CTRL_C:
                self._write(b"<INTERRUPT>\r\n")
                return BREAK
            if c == _CTRL_A and not typed:
                self._write(b"\r\n")
                return LEAVE
            if c in (_BS, _DEL):
                self._rub_out(typed)
            elif c in (_CTRL_U, _CTRL_X):
                self._replace(typed, b"")
            elif c == _ESC:
                back = self._arrow(typed, back)
            elif c >= 32:
                if len(typed) < _LONGEST:
                    typed.append(c)
                    self._write(bytes((c,)))
                else:
                    self._write(b"\a")

    def _kept(self, typed):
        text = bytes(typed).decode()
        if text and text not in self._past[-1:]:
            self._past.append(text)
            del self._past[:-_PAST]
        return text

    def _rub_out(self, typed):
        """Take the last character away, all bytes of it."""
        while typed:
            if typed.pop() & 0xC0 != 0x80:  # the first byte of a UTF-8 character
                self._write(b"\b \b")
                return

    def _replace(self, typed, text):
        while typed:
            self._rub_out(typed)
        typed.extend(text)
        self._write(text)

    def _arrow(self, typed, back):
        """Read the rest of an escape sequence; up and down change the line.  How far back now."""
        c = self._read()
        if c in b"[O":
            c = self._read()
            while not 64 <= c < 127:
                c = self._read()
            step = {65: 1, 66: -1}.get(c, 0)
            if step and 0 <= back + step <= len(self._past):
                back += step
                self._replace(typed, self._past[-back].encode() if back else b"")
        return back
