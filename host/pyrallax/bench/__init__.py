"""inv bench: what the firmware costs, in guest instructions, with wall time beside."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import flashing
from . import boot, host, interp, micro, probe, storage, usb
from .figures import Figure, document, markdown, table
from .machine import Images


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table, write the JSON.  0 when everything was measured, goals or not."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two runs of each figure, not five")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table, too")
    parser.add_argument(
        "--only",
        default="",
        help="parts, by comma: boot,interp,micro,probe,size,storage,usb,serial,host",
    )
    options = parser.parse_args(argv)
    runs = 2 if options.quick else 5
    parts = {
        "size": lambda images: boot.sizes(images),
        "boot": lambda images: boot.measure(images, runs),
        "interp": lambda images: interp.measure(images, runs),
        "micro": lambda images: micro.measure(images, runs),
        "probe": lambda images: probe.measure(images, runs),
        "storage": lambda images: storage.measure(images, runs),
        "usb": lambda images: usb.measure(images, runs),
        "serial": lambda images: flashing.measure(images, runs),
        "host": lambda images: host.measure(images, 2 * runs + 1),
    }
    wanted = [name for name in options.only.split(",") if name] or list(parts)
    if unknown := set(wanted) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    if "serial" in wanted:
        flashing.need()  # now, not behind a quarter of an hour of measuring

    figures: list[Figure] = []
    details: dict = {}
    began = time.monotonic()
    with TemporaryDirectory(prefix="pyrallax-bench-") as folder:
        images = Images.copy(Path(folder))  # a build meanwhile changes nothing here
        for name in (name for name in parts if name in wanted):
            print(f"bench: {name}", file=sys.stderr, flush=True)
            more, detail = parts[name](images)
            figures += more
            details |= detail
        written = document(figures, details, images)
    print(table(figures))
    if "perf_bench" in details:
        print(interp.table(details["perf_bench"]))
    print(f"bench: {time.monotonic() - began:.0f} s")
    if options.json:
        options.json.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(markdown(figures), encoding="utf-8")
    return 0
