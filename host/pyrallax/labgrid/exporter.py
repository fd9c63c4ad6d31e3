"""labgrid's exporter, which knows PyrallaxMachine: it serves one while its place is acquired.

    python -m pyrallax.labgrid.exporter -c COORDINATOR exporter.yaml

takes the options of labgrid-exporter.
"""

from typing import Any

import attr
from labgrid.remote import exporter

from ..vm.config import Unfit
from ..vm.open import machine
from ..vm.served import Served
from .resources import PyrallaxMachine


@attr.s(eq=False)
class MachineExport(exporter.ResourceExport):
    """A process (vm.serve) per acquisition: the next one gets a machine that is off."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        try:
            self.local = PyrallaxMachine(target=None, name=None, **self.local_params)
            machine(self.local.kind, **self.local.options)  # which is not started
        except (TypeError, ValueError, Unfit) as why:
            raise SystemExit(f"exporter: {self.local_params}: {why.args[0]}") from None
        self.data["cls"] = "NetworkPyrallaxMachine"
        self._served: Served | None = None
        self._ending: list[Served] = []
        self._deaths = 0

    def _get_start_params(self) -> dict[str, Any]:
        if self._served and not self._served.alive:
            self._deaths += 1
            self._served.close()
            self._served = None
        return {"deaths": self._deaths}

    def _get_params(self) -> dict[str, Any]:
        """Of NetworkPyrallaxMachine.  Isolated: reached by ssh, then on the Mac's own loopback."""
        return {
            "host": "localhost" if self.proxy_required else self.host,
            "port": self._served.port if self._served else None,
            "control": self._served.control if self._served else None,
            "protocol": "raw",
            "kind": self.local.kind,
        }

    def _start(self, start_params: dict[str, Any]) -> None:
        self._served = Served(self.local.kind, self.local.options, self._listen())
        self.logger.info("serving %s on port %d", self.local.kind, self._served.port)

    def _listen(self) -> str:
        """The loopback interface where that is published, else all interfaces."""
        local = self.proxy_required or self.host in ("localhost", "127.0.0.1")
        return "127.0.0.1" if local else "0.0.0.0"

    def _stop(self, start_params: dict[str, Any]) -> None:
        """Does not wait: the coordinator gives an exporter 10 s, and all its resources wait."""
        served, self._served = self._served, None
        if served:
            served.end()
            self._ending.append(served)

    def poll(self) -> bool:
        """Take leave of processes that have ended."""
        self._ending = [served for served in self._ending if served.alive]
        return super().poll()


exporter.exports["PyrallaxMachine"] = MachineExport

if __name__ == "__main__":
    exporter.main()
