"""Telnet taken out of a line: labgrid-client console runs `microcom -t`, which speaks it."""

_IAC, _SB, _SE, _WILL, _DONT = 255, 250, 240, 251, 254


class Talk:
    """What one client says and gets.  It talks telnet when the first it says is a command.

    Nothing is answered, so that no option is agreed upon: the line stays as it is.
    """

    def __init__(self) -> None:
        self._telnet: bool | None = None
        self._rest = b""  # a command that has only begun

    def said(self, data: bytes) -> bytes:
        """What the client means for the machine."""
        data = self._rest + data
        if self._telnet is None:
            if data == b"\xff":
                self._rest = data
                return b""
            self._telnet = data[0] == _IAC and _SB <= data[1] <= _DONT
        self._rest = b""
        if not self._telnet:
            return data
        out = bytearray()
        at = 0
        while at < len(data):
            if data[at] != _IAC:
                out.append(data[at])
                at += 1
                continue
            end = _end(data, at)
            if end is None:
                self._rest = data[at:]
                break
            if data[at + 1] == _IAC:  # the byte itself
                out.append(_IAC)
            at = end
        return bytes(out)

    def gets(self, data: bytes) -> bytes:
        """What to send so that the client takes it for data."""
        return data.replace(b"\xff", b"\xff\xff") if self._telnet else data


def _end(data: bytes, at: int) -> int | None:
    """The place behind the command at `at`; None where it is not all there."""
    if at + 1 >= len(data):
        return None
    if data[at + 1] == _SB:
        end = data.find(bytes((_IAC, _SE)), at + 2)
        return end + 2 if end >= 0 else None
    end = at + (3 if _WILL <= data[at + 1] <= _DONT else 2)
    return end if end <= len(data) else None
