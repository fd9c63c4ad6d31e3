"""Which elements of two sequences belong together: as many as can be, in order.

Myers 1986, Algorithmica 1, pp. 251-266 (the difference algorithm of diff(1)).  Register traces are
periodic, and the longest common block, by which difflib goes, is then often one of another turn.
"""

from collections.abc import Hashable, Sequence

# In one piece; the effort is its square.  Sequences that differ more are aligned piece by piece.
_EDITS_MAX = 400


def pairs(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    """(index in a, index in b) of what belongs together, ascending."""
    found = []
    x = y = 0
    while x < len(a) and y < len(b):
        piece, done_a, done_b = _piece(a[x:], b[y:])
        found += [(x + i, y + j) for i, j in piece]
        x, y = x + done_a, y + done_b
    return found


def _from_above(reach: dict[int, int], k: int, edits: int) -> bool:
    """Whether diagonal k (index in a less index in b) is best reached by an element of b alone."""
    return k == -edits or (k != edits and reach[k - 1] < reach[k + 1])


def _piece(a: Sequence, b: Sequence) -> tuple[list[tuple[int, int]], int, int]:
    """Pairs along the fewest elements that are in one sequence only, and how far they lead."""
    reach = {1: 0}  # diagonal -> how far in a
    rounds = []
    for edits in range(_EDITS_MAX + 1):
        rounds.append(reach.copy())
        for k in range(-edits, edits + 1, 2):
            x = reach[k + 1] if _from_above(reach, k, edits) else reach[k - 1] + 1
            while x < len(a) and 0 <= x - k < len(b) and a[x] == b[x - k]:
                x += 1
            reach[k] = x
            if x >= len(a) and x - k >= len(b):
                return _walk_back(rounds, len(a), len(b)), len(a), len(b)
    ends = [(reach[k], reach[k] - k) for k in range(-edits, edits + 1, 2)]
    x, y = max((end for end in ends if end[0] <= len(a) and end[1] <= len(b)), key=sum)
    return _walk_back(rounds, x, y), x, y


def _walk_back(rounds: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    found = []
    for edits in range(len(rounds) - 1, -1, -1):
        reach, k = rounds[edits], x - y
        before = k + 1 if _from_above(reach, k, edits) else k - 1
        from_x = reach[before]
        from_y = from_x - before
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            found.append((x, y))
        x, y = from_x, from_y
    return found[::-1]
