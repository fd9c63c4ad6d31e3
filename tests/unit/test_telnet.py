"""A console program's telnet on a served line: its commands do not reach the machine."""

import pytest

from pyrallax.vm.telnet import Talk

pytestmark = pytest.mark.host

# What microcom 2019.01 sends when it is started with -t, and for Break.
MICROCOM = bytes.fromhex("fffb2cfffd2cfffa2c010001c200fff0fffa2c0501fff0")
BREAK = b"\xff\xf3"


def test_what_microcom_adds_is_taken_out():
    talk = Talk()
    assert talk.said(MICROCOM + b"print(1)\r") == b"print(1)\r"
    assert talk.said(BREAK + b"a\xff\xffb") == b"a\xffb"
    assert talk.gets(b"A\xffB") == b"A\xff\xffB"


def test_however_it_is_cut():
    for size in range(1, len(MICROCOM)):
        talk = Talk()
        sent = MICROCOM + b"a" + BREAK + b"b"
        pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
        assert b"".join(map(talk.said, pieces)) == b"ab", size


@pytest.mark.parametrize("data", [b"\x01\xff\xfb,", b"\xff\xff\xff", b"\xff\x00", b"x"])
def test_other_clients_send_what_they_like(data):
    talk = Talk()
    assert b"".join(talk.said(bytes((each,))) for each in data) == data
    assert talk.gets(b"\xff") == b"\xff"
    assert talk.said(MICROCOM) == MICROCOM
