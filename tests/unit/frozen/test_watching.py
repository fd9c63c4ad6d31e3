"""probe.watching without a prompt: what is kept, and under which name."""

import sys

import __main__

__main__.numbers = [1, 2]
if not hasattr(sys, "print_exception"):
    sys.print_exception = print  # CPython

from probe import watching  # noqa: E402
from raising import raises  # noqa: E402


class Adder:
    def __init__(self, value):
        self.value = value

    def __call__(self):
        return self.value

    def read(self):
        return self.value


def test_functions_of_one_name_are_watched_each():
    first, second = (lambda: 1), (lambda: 2)
    one, two = Adder(3), Adder(4)
    for each in (first, second, one.read, two.read, one, " numbers[0] "):
        watching.watch(each)
    assert len(watching._watched) == 6
    watching._check()
    watching.unwatch(first)
    watching.unwatch(two.read)
    watching.unwatch(one)
    watching.unwatch("numbers[0]")
    assert sorted(entry[1] for entry in watching._watched.values()) == ["2", "3"]
    for gone in (first, two.read, one, "numbers[0]"):
        assert raises(KeyError, watching.unwatch, gone)
    watching.unwatch()
    assert not watching._watched


def test_one_that_raises_is_taken_off():
    def broken():
        raise ValueError("broken")

    watching.watch(broken)
    watching.watch("len(numbers)")
    watching._check()
    assert list(watching._watched) == ["len(numbers)"]
    watching.unwatch()
