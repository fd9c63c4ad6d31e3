"""The loop of the fuzz targets that damage files: same seeds, same cases, on both Pythons.

    TARGET.py CORPUS SEED CASES

CORPUS: files named KIND-NAME.  The last line of output says how many cases there were, how many
were refused, and the slowest.  Status 1: one took longer than LIMIT_MS.
"""

import os
import random
import sys

from stopwatch import ticks_diff, ticks_ms

LIMIT_MS = 3000


def run(damaged, case, refusal=ValueError):
    """For each case data = damaged(kind, bytearray of a file), then case(number, kind, data).

    case() gives whether it was refused, or raises `refusal` then; what else it raises ends all.
    """
    corpus, seed, cases = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    files = []
    for name in sorted(os.listdir(corpus)):
        with open(corpus + "/" + name, "rb") as f:
            files.append((name.split("-")[0], f.read()))
    refused = slowest = 0
    for n in range(cases):
        random.seed(seed * 1_000_003 + n)
        kind, whole = random.choice(files)
        data = damaged(kind, bytearray(whole))
        before = ticks_ms()
        try:
            refused += bool(case(n, kind, data))
        except refusal:
            refused += 1
        except Exception as why:
            print("case", n, "of seed", seed, kind, repr(why))
            print(bytes(data))
            raise
        took = ticks_diff(ticks_ms(), before)
        slowest = max(slowest, took)
        if took > LIMIT_MS:
            print("case", n, "of seed", seed, kind, "took", took, "ms")
            print(bytes(data))
            sys.exit(1)
    print(cases, "cases,", refused, "refused, slowest", slowest, "ms")
