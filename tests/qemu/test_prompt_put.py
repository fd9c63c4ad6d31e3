"""prompt.put(): bytes that count as typed, at an idle prompt and in programs."""

import pytest

pytestmark = pytest.mark.usb


@pytest.fixture
def friendly(repl):
    """The friendly prompt; type_line gives what comes up to the next prompt."""

    def type_line(line: str) -> str:
        repl.wire.write(line.encode() + b"\r")
        said = repl.wait_prompt(10).decode().replace("\r\n", "\n")
        return said.removeprefix(line + "\n").removesuffix(">>> ")

    repl.exec(
        "import gc, prompt, sys\n"
        "from machine import Timer\n"
        "timer = Timer(-1)\n"
        "def later(text, ms=100):\n"
        "    timer.init(mode=Timer.ONE_SHOT, period=ms,\n"
        "               callback=lambda _: [prompt.put(b) for b in text] and None)\n"
        "def full():\n"
        "    n, used = 0, gc.mem_alloc()\n"
        "    while prompt.put(32): n += 1\n"
        "    used = gc.mem_alloc() - used\n"
        "    return n, used, len(sys.stdin.read(n))\n"
    )
    repl.exit_raw()
    repl.wait_prompt()
    repl.drain()
    yield type_line
    repl.enter_raw()


def test_types_at_an_idle_prompt(repl, friendly):
    friendly("later(b'6 * 7\\r')")
    assert repl.wait_prompt(10).replace(b"\r\n", b"\n") == b"6 * 7\n42\n>>> "


def test_editing_keys(repl, friendly):
    friendly(
        "later(b'12\\x1b[D\\x1b[D3\\x7f4\\x1b[F5\\r')"
    )  # 3 before 12, away, 4 there, 5 behind
    assert repl.wait_prompt(10).endswith(b"\n4125\r\n>>> ")


def test_interrupts_what_computes(repl, friendly):
    friendly("later(b'\\x03')")
    assert "KeyboardInterrupt" in friendly("while True: pass\r")


def test_interrupts_what_sleeps_and_the_prompt_goes_on(repl, friendly):
    friendly("import time")
    friendly("later(b'\\x03')")
    assert "KeyboardInterrupt" in friendly("time.sleep(60)")
    friendly("later(b'1 +\\x032\\r')")
    assert repl.wait_prompt(10).endswith(b">>> ")  # the line was given up
    assert repl.wait_prompt(10).endswith(b"2\r\n2\r\n>>> ")


def test_what_a_program_reads(repl, friendly):
    friendly("later(b'Anna\\r')")
    assert friendly("print(len(input('who? ')))").endswith("4\n")


def test_raw_mode_is_a_clients(repl):
    repl.exec("import prompt, gc")
    assert repl.eval("[prompt.put(65) for _ in range(3)]") == [False] * 3
    assert repl.eval("6 * 7") == 42


def test_raw_mode_of_who_began_it(repl, friendly):
    """A client that types all it sends (`--input keyboard`) has the raw mode that it began."""
    friendly("second = Timer(-1)")
    friendly(
        "later(b'\\x01'); second.init(mode=Timer.ONE_SHOT, period=400, "
        "callback=lambda _: [prompt.put(b) for b in b'print(6 * 7)\\x04'] and None)"
    )
    assert repl.read_until(b"\x04\x04>", 10).endswith(b"CTRL-B to exit\r\n>OK42\r\n\x04\x04>")
    repl.wire.write(b"\x01")  # now it is the line's
    repl.read_until(b"\r\n>", 5)
    assert repl.eval("prompt.put(65)") is False


def test_a_full_queue_and_no_allocation(repl, friendly):
    assert friendly("full()") == "(65536, 0, 65536)\n"
