"""pci_intx on the simulated irq: several functions on one line."""

import irq
import pci_intx


def request(name, seen, hard=False, fails=False):
    def handler(part):
        seen.append(part.name)
        if fails:
            raise ValueError(name)

    return pci_intx.request(35, handler, hard, name)


def test_each_handler_is_called():
    seen = []
    a, b = request("a", seen), request("b", seen)
    assert a.intid == b.intid == 35 and irq.lines[35].enabled
    irq.lines[35].fire()
    assert seen == ["a", "b"] and b.count == 1
    a.free()
    irq.lines[35].fire()
    assert seen == ["a", "b", "b"]
    b.free()
    b.free()
    assert 35 not in irq.lines and repr(b) == "<INTx b, free>"


def test_one_that_raises_does_not_stop_the_others():
    seen = []
    parts = [request("a", seen, fails=True), request("b", seen), request("c", seen, fails=True)]
    try:
        irq.lines[35].fire()
        raise AssertionError("no exception")
    except ValueError as why:
        assert why.args == ("a",)
    assert seen == ["a", "b", "c"]
    for part in parts:
        part.free()
    assert 35 not in irq.lines


def test_a_handler_may_free_itself():
    seen = []
    parts = []

    def once(part):
        seen.append("once")
        part.free()

    parts.append(pci_intx.request(35, once, False, "once"))
    other = request("other", seen)
    irq.lines[35].fire()
    irq.lines[35].fire()
    assert seen == ["once", "other", "other"]
    other.free()


def test_hard_and_soft_do_not_mix():
    part = request("a", [])
    try:
        request("b", [], hard=True)
        raise AssertionError("mixed")
    except OSError as why:
        assert why.args[0] == 16 and "hard=False" in why.args[1]
    part.free()


def test_somebody_elses_line_is_busy():
    line = irq.request(35, print)
    try:
        request("a", [])
        raise AssertionError("shared with a stranger")
    except OSError as why:
        assert why.args[0] == 16
    line.free()
    request("a", []).free()  # nothing was left behind


def test_what_a_freed_part_says():
    part = request("a", [])
    part.free()
    try:
        part.count
        raise AssertionError("alive")
    except AttributeError:
        pass
