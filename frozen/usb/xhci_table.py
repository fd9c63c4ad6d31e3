"""Transfers under way by number, which is what a ring remembers of them."""

_MORE = (None,) * 64
_MOST = 1 << 16


class Table:
    """Allocates only when more are under way than ever before.

    A soft interrupt may come in anywhere: what is free is a list, of which one call takes.
    """

    def __init__(self):
        self._transfers = []
        self._free = []
        self._blocks = iter(range(0, _MOST, len(_MORE)))  # each is given out once

    def put(self, transfer):
        """Its number, until take()."""
        try:
            cookie = self._free.pop()
        except IndexError:
            cookie = next(self._blocks)
            while len(self._transfers) < cookie + len(_MORE):
                self._transfers.extend(_MORE)
            self._free.extend(range(cookie + 1, cookie + len(_MORE)))
        self._transfers[cookie] = transfer
        transfer.hcd_data = cookie
        return cookie

    def take(self, cookie):
        """The transfer of that number, which is free again; None where there is none."""
        transfer = self._transfers[cookie] if cookie is not None else None
        if transfer is not None:
            self._transfers[cookie] = transfer.hcd_data = None
            self._free.append(cookie)
        return transfer

    def pending(self, endpoint):
        """The transfers under way on an endpoint."""
        return [t for t in self._transfers if t is not None and t.endpoint is endpoint]
