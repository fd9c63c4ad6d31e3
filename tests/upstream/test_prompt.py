"""The release's tests of the interactive prompt and its feature checks, each a test of its own."""

import plan
import pytest
from judge import Typed, expected, judged

pytestmark = pytest.mark.boot

_SKIPS = plan.skips()
# What run-tests.py takes for "has it": it compares the checks with these, not with their .exp.
_FEATURES = {
    "async_check": "async\n",
    "bytearray": "bytearray\n",
    "byteorder": "little\n",
    "complex": "complex\n",
    "const": "1\n",
    "float": "64\n",
    "fstring": "a=1\n",
    "int_big": "1000000000000000000000000000000000000000000000\n",
    "io_module": "io\n",
    "reverse_ops": "",
    "set_check": "{1}\n",
    "slice": "slice\n",
    "target_info": "pyrallax None\n",
}
_TYPED = ("feature_check/repl_emacs_check.py", "feature_check/repl_words_move_check.py")


def _skip_if_listed(name):
    if name in _SKIPS:
        pytest.skip(_SKIPS[name].reason)


@pytest.fixture
def typed(repl):
    """The shared machine at its friendly prompt."""
    repl.exit_raw()
    repl.wait_prompt()
    repl.drain()
    return Typed(repl)


@pytest.mark.parametrize("name", plan.tests("cmdline"))
def test_cmdline(name, request):
    _skip_if_listed(name)
    typed = request.getfixturevalue("typed")
    assert judged(typed, name).splitlines() == expected(name).splitlines()


@pytest.mark.parametrize("name", _TYPED)
def test_prompt_feature(name, typed):
    assert "True" in judged(typed, name)  # run-tests.py's own rule


@pytest.mark.parametrize("name", sorted(set(plan.tests("feature_check")) - set(_TYPED)))
def test_feature(name, request):
    _skip_if_listed(name)
    repl = request.getfixturevalue("repl")
    stem = name.removeprefix("feature_check/").removesuffix(".py")
    result = repl.run((plan.source() / "tests" / name).read_bytes())
    assert not result.stderr
    assert result.stdout.replace(b"\r\n", b"\n").decode() == _FEATURES[stem]


def test_recursive_iternext(repl):
    """stress/recursive_iternext.py with iterators enough for this machine's stack."""
    name = "stress/recursive_iternext.py"
    code = (plan.source() / "tests" / name).read_text()
    assert code.count("N = 5000") == 1
    out = repl.exec(code.replace("N = 5000", "N = 50000"))
    assert out == expected(name)
