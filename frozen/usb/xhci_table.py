"""Transfers under way by number, which is what a ring remembers of them."""

from array import array

from micropython import const

_MORE = const(64)


class Table:
    """Allocates only when more are under way than ever before."""

    def __init__(self):
        self._transfers = []
        self._free = array("H")
        self._top = 0  # of those free

    def put(self, transfer):
        """Its number, until take()."""
        if not self._top:
            n = len(self._transfers)
            for i in range(_MORE):
                self._transfers.append(None)
                self._free.append(0)
                self._free[i] = n + i
            self._top = _MORE
        self._top -= 1
        cookie = self._free[self._top]
        self._transfers[cookie] = transfer
        transfer.hcd_data = cookie
        return cookie

    def take(self, cookie):
        """The transfer of that number, which is free again; None where there is none."""
        transfer = self._transfers[cookie] if cookie is not None else None
        if transfer is not None:
            self._transfers[cookie] = transfer.hcd_data = None
            self._free[self._top] = cookie
            self._top += 1
        return transfer

    def pending(self, endpoint):
        """The transfers under way on an endpoint."""
        return [t for t in self._transfers if t is not None and t.endpoint is endpoint]
