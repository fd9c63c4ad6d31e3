"""Reading prlctl's help: versions spell things differently, none of them is ours to know."""

import pytest

from pyrallax.vm.prl.ctl import Prlctl
from pyrallax.vm.prl.usage import Socket, Usage, socket_of

pytestmark = pytest.mark.host

SERVER = ("--socket-mode", "server")


@pytest.mark.parametrize(
    "text, socket",
    [
        (
            "  --device-add serial {--device <name> | --output <file>\n"
            "     |--socket <name> [--socket-mode <server | client>]\n"
            "     |--socket-tcp <ip:port> [--socket-mode <server | client>]}\n"
            "  --device-add pci --device <name>",
            Socket("--socket", SERVER),
        ),
        ("--device-add serial {--output <file> | --socket <name>}", Socket("--socket", ())),
        (
            "--device-add-serial options: --socket-path <path> --socket-path-mode={client|srv}",
            Socket("--socket-path", ("--socket-path-mode", "server")),
        ),
        (
            "--device-add serial --socket <path> [--mode <client|server>]\n  --device-add usb",
            Socket("--socket", ("--mode", "server")),
        ),
        ("--device-add serial {--output <file>}\n--device-add net --socket", None),
        ("--device-add serial --socket-tcp <ip:port>\n  --device-add net", None),
        ("--device-add hdd --socket <name>", None),
        ("", None),
    ],
)  # fmt: skip
def test_socket_of_a_serial_port(text, socket):
    assert socket_of(text) == socket


def test_words_of_a_socket():
    assert Socket("--socket", SERVER).words("/p") == ["--socket", "/p", *SERVER]
    assert Socket("--socket", ()).words("/p") == ["--socket", "/p"]


def test_help_that_tells_nothing_of_serial_ports(prl):
    """Then what is believed is tried; what fails is told, and the line goes to a file."""
    prl.help_is(set="Usage: prlctl set ID <cpus | boot | device_mgmt>")
    assert Usage(Prlctl()).socket == Socket("--socket", SERVER)
    prl.help_is(set="--device-add serial {--device <name> | --output <file>}")
    assert Usage(Prlctl()).socket is None


def test_help_by_category_is_found_and_asked_for_once(prl):
    prl.help_is(
        set="Usage: prlctl set <cpus | boot | device_mgmt> --help",
        set_device_mgmt="--device-add <hdd | serial>: see prlctl set --device-add-serial --help",
        set___device_add_serial="prlctl set ID --device-add serial --socket <name>",
        set_boot="--bios-type <legacy | efi64>",
    )
    usage = Usage(Prlctl())
    assert usage.socket == Socket("--socket", ())
    assert usage.has("--bios-type") and not usage.has("--efi-boot")
    assert usage.has("send-key-event") and not usage.has("--bios")
    asked = [tuple(words) for words in prl.calls()]
    assert len(asked) == len(set(asked))


def test_an_action_is_looked_for_where_actions_are(prl):
    """Each page costs half a second, before the first key."""
    assert Usage(Prlctl()).has("send-key-event")
    assert prl.calls() == [["--help"]]
