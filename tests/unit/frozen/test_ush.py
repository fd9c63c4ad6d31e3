"""ush: how a line is read, what runs, which status it leaves; variables."""

import shell
import shell_env
import shell_table
import shell_words

AREA = "host"


class Console:
    """A Shell whose lines are kept: run(text) gives them."""

    def __init__(self):
        self.out = []
        self.shell = shell.Shell(self.say, {})

    def say(self, text, end="\n"):
        self.out.append(text + end)

    def run(self, text):
        """What a typed line prints, as one text."""
        del self.out[:]
        self.shell.line(text)
        return "".join(self.out)


def words(text, **env):
    out, _, _ = shell_words.command(text, 0, lambda name: env.get(name, ""))
    return out


def fault(text):
    try:
        shell_words.check(text)
    except shell_words.SyntaxFault as why:
        return str(why)
    return None


def test_words_and_quotes():
    assert words("  echo  a\tb ") == ["echo", "a", "b"]
    assert words("'ab''cd' \"e f\" g\\ h '' #x") == ["abcd", "e f", "g h", ""]
    assert words("a#b") == ["a#b"]
    assert words("a #'b\n") == ["a"] and words("$x#b") == ["#b"]
    assert words("'$x;\"' \"'$x'\"", x="1") == ['$x;"', "'1'"]
    assert words('"a\\"b\\$c\\n"') == ['a"b$c\\n']


def test_quoting_as_tbot_does_it():
    # It doubles backslashes in single quotes, and puts a single quote outside of them.
    assert words("echo 'It'\\''s a \\\\ here'") == ["echo", "It's a \\ here"]


def test_variables():
    env = {"list": "12", "two": " a  b "}
    assert words("echo ${list}3 $list-$none$", **env) == ["echo", "123", "12-$"]
    assert words('"<$two>" $two.', **env) == ["< a  b >", "a", "b", "."]
    assert words("$none ${none}") == []
    assert words("$none''") == [""]


def test_what_cannot_be_read_runs_nothing():
    for text in ("echo 1; echo 'a", 'echo 1; echo "a', "echo 1; echo ${a", "echo 1 & echo 2"):
        assert fault(text)
        said = Console().run(text)
        assert said.startswith("syntax error: ") and said.count("\n") == 1
    assert fault("echo 1; 'a' || b && c;;") is None


def test_the_line_that_labgrid_sends():
    console = Console()
    said = console.run("echo 'ABCD''EFGHIJ'; %s; echo \"$?\"; echo 'ABCD''EFGHIJ';" % "echo x y")
    assert said == "ABCDEFGHIJ\nx y\n0\nABCDEFGHIJ\n"
    said = console.run("echo 'ABCD''EFGHIJ'; false; echo \"$?\"; echo 'ABCD''EFGHIJ';")
    assert said == "ABCDEFGHIJ\n1\nABCDEFGHIJ\n"


def test_unknown_command():
    console = Console()
    assert console.run("nosuch 1") == "Unknown command 'nosuch' - try 'help'\n"
    assert console.run("echo $?") == "1\n"
    assert console.run("echo.b") == "Unknown command 'echo.b' - try 'help'\n"


def test_and_or():
    console = Console()
    assert console.run("true && echo 1 || echo 2") == "1\n"
    assert console.run("false && echo 1 || echo 2") == "2\n"
    assert console.run("false && echo 1; echo $?") == "1\n"
    assert console.run("false || false && echo 1; echo 3") == "3\n"


def test_echo():
    console = Console()
    assert console.run("echo") == "\n"
    assert console.run("echo -n a b; echo c") == "a bc\n"


def test_variables_are_set_and_printed():
    console = Console()
    assert console.run("setenv list 1; setenv list ${list}2; setenv list ${list}3; echo ${list}")
    assert console.run("echo ${list}") == "123\n"
    assert console.run("setenv s ' 1  2 '; printenv s") == "s= 1  2 \n"
    assert console.run("printenv") == "list=123\ns= 1  2 \n\nEnvironment size: 18 bytes\n"
    assert console.run("setenv s; printenv s") == '## Error: "s" not defined\n'
    assert console.run("setenv s; echo $?") == "0\n"
    assert console.run("setenv a=b 1").startswith("## Error: illegal character '='")


def test_env_with_verbs():
    console = Console()
    console.run("env set a 1 2; env set b 3")
    assert console.run("env print a; env exists a; echo $?") == "a=1 2\n0\n"
    assert console.run("env delete -f a; env exists a; echo $?") == "1\n"
    assert "Usage:\nenv default [-f] -a" in console.run("env nosuch")
    assert console.run("env print -a") == console.run("printenv")
    console.run("env default -a")
    assert console.run("printenv loadaddr b") == (
        'loadaddr=0x42800000\n## Error: "b" not defined\n'
    )
    console.run("setenv loadaddr 1; setenv c 3; setenv d 4; env default -f loadaddr c")
    assert console.run("echo $loadaddr-$c-$d") == "0x42800000--4\n"
    for line in "env default", "env default -a c", "env save now":
        assert "Usage:" in console.run(line)


def test_run():
    console = Console()
    console.run("setenv foo 'setenv monty 1; setenv python 2; echo in $monty'")
    assert console.run("run foo; echo ${python}") == "in 1\n2\n"
    assert console.run("run nope; echo $?") == '## Error: "nope" not defined\n1\n'
    console.run("setenv bad 'false'; setenv good 'echo no'")
    assert console.run("run bad good; echo $?") == "1\n"


def test_run_that_runs_itself_ends():
    console = Console()
    console.run("setenv me 'run me'")
    said = console.run("run me")
    assert said.startswith("## Error: R") and console.run("echo still here") == "still here\n"


def test_help_names_every_command_and_its_usage():
    console = Console()
    lines = console.run("help").split("\n")
    assert lines[0] == "?         - alias for 'help'"
    names = [entry.name for entry in shell_table.entries()]
    assert names == sorted(names) and len(lines) == len(names) + 1
    wanted = "help echo version md mw cmp crc32 pci ls load save reset env sleep".split()
    assert not [name for name in wanted if name not in names]
    assert console.run("help md") == (
        "md - memory display\n\nUsage:\nmd [.b, .w, .l, .q] address [# of objects]\n"
    )
    assert "Unknown command 'nosuch'" in console.run("help nosuch")
    assert console.run("help nosuch true; echo $?").endswith("Usage:\ntrue\n1\n")


def test_every_command_has_a_function():
    for entry in shell_table.entries():
        assert callable(entry.function()), entry.name
        assert entry.usage().split("\n")[1].startswith(entry.name), entry.usage()


def test_version_and_board():
    console = Console()
    assert console.run("version").startswith("Pyrallax 0.0.0 (build 00000000) ush\n")
    board = console.run("bdinfo")
    assert "\n-> start    = 0x0000000042800000\n-> size     = 0x0000000000800000\n" in board


def test_exit():
    console = Console()
    assert console.run("exit 3; echo no") == ""
    assert not console.shell.going and console.shell.status == 3


def test_an_empty_line_repeats_what_says_so_only():
    console = Console()
    console.run("echo x")
    assert console.run("") == ""
    console.shell.again = lambda: console.say("more")
    assert console.run("") == "more\n"
    console.shell.again = lambda: console.say("more")
    console.run(" ")
    assert console.run("") == ""


def test_sleep_takes_a_number():
    console = Console()
    assert console.run("sleep 0.001; echo $?") == "0\n"
    assert "Usage:\nsleep N\n" in console.run("sleep long")
    assert "Usage:\nsleep N\n" in console.run("sleep -1")


def test_any_line_leaves_the_shell_alive():
    pieces = (
        "echo,$?,${,},$x,',\",\\,;,&&,||,&,|,#,md,md.b,mw,cmp,cp,crc32,-v,pci,display,"
        "env,set,print,setenv,x,run,help,0,40000000,ffffffffffffffff,-1,zz,load,ls,ram,sata,0:1,"
        "é, , , ,\n"
    ).split(",")
    seed = 1
    console = Console()
    for _ in range(1500):
        line = ""
        for _ in range(12):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            line += pieces[(seed >> 16) % len(pieces)]
        console.run(line)
        assert console.shell.status in (0, 1) and console.shell.going, line
    assert console.run("echo alive") == "alive\n"


def test_reasons():
    assert shell.reason(OSError(2)) == "ENOENT"
    assert shell.reason(ValueError("no")) == "ValueError: no"
    assert shell.reason(MemoryError()) == "MemoryError"


def test_no_free_memory():
    import rawmem

    whole = rawmem.free
    rawmem.free = lambda: []
    try:
        assert shell_env.scratch() == (0, 0)
        rawmem.free = lambda: [(0x1000, 0x3000)]
        assert shell_env.scratch() == (0x1000, 0x3000)
    finally:
        rawmem.free = whole
