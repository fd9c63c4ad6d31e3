"""ush: a shell that tools written for U-Boot's prompt drive unmodified (docs/reference/ush.md)."""

import errno
import sys

import micropython

import shell_words
from shell_line import BREAK, LEAVE, Line

_PROMPT = b"=> "
_DELAY_S = 3  # where the boot option names no number


class Usage(Exception):
    """Wrong arguments: the command's usage is shown."""


class Failed(Exception):
    """A command says why it failed: the line is printed as it is."""


class Shell:
    """say(text): print a line.  env: variables; status: of the last command, `$?`.

    again: what an empty line repeats, or None.  going: until `exit`.
    """

    def __init__(self, say=print, env=None):
        self.say = say
        self.env = {} if env is None else env
        self.status = 0
        self.again = None
        self.going = True

    def _look(self, name):
        return str(self.status) if name == "?" else self.env.get(name, "")

    def execute(self, text):
        """Run a line of commands; gives the status of the last.  Raises KeyboardInterrupt."""
        try:
            shell_words.check(text)
        except shell_words.SyntaxFault as why:
            self.say("syntax error: %s" % why)
            self.status = 1
            return 1
        at = 0
        joint = ";"
        while at < len(text) and self.going:
            words, behind, at = shell_words.command(text, at, self._look)
            if joint == ";" or (joint == "&&") == (self.status == 0):
                if words:
                    self.status = self._command(words)
            joint = behind
        return self.status

    def _command(self, words):
        import shell_table

        name, _, width = words[0].partition(".")
        entry = shell_table.find(name)
        if entry is None or (width and not entry.sized):
            self.say("Unknown command '%s' - try 'help'" % words[0])
            return 1
        try:
            return entry.function()(self, words) or 0
        except Usage:
            self.say("%s - %s\n\n%s" % (entry.name, entry.title, entry.usage()))
        except Failed as why:
            self.say(str(why))
        except Exception as why:  # of whatever the hardware or the line did: the prompt stays
            self.say("## Error: " + reason(why))
        return 1

    def empty(self):
        """An empty line was typed."""
        if self.again:
            again, self.again = self.again, None
            try:
                self.status = again() or 0
            except Exception as why:
                self.say("## Error: " + reason(why))
                self.status = 1

    def line(self, text):
        """Run what was typed, an empty line being a repetition."""
        if not text:
            self.empty()
        else:
            self.again = None
            self.execute(text)


def reason(why):
    """An exception in words."""
    text = str(why)
    if text.startswith("[Errno "):
        text = text.split("] ", 1)[1]
        name, _, more = text.partition(": ")
        return more if more and name.isupper() else text
    if isinstance(why, OSError) and text.isdigit():
        return errno.errorcode.get(int(text), "error " + text)
    return "%s: %s" % (type(why).__name__, text) if text else type(why).__name__


def _once(shell, line):
    """Read a line and run it; whether Ctrl-A asked for the raw REPL."""
    micropython.kbd_intr(-1)  # Ctrl-C is a key while a line is typed
    try:
        text = line.get(_PROMPT)
    except UnicodeError:
        shell.say("## Error: the line is not UTF-8")
        return False
    if text is LEAVE:
        shell.going = False
        return True
    if text is BREAK:
        shell.again = None
        shell.status = 1
        return False
    try:
        micropython.kbd_intr(3)
        shell.line(text)
    except KeyboardInterrupt:
        micropython.kbd_intr(-1)
        shell.say("<INTERRUPT>")
        shell.status = 1
    finally:
        micropython.kbd_intr(-1)
    return False


def ush():
    """Run the shell on the console until `exit`; Ctrl-A at the prompt leads on to the raw REPL."""
    try:
        _session()
    finally:
        micropython.kbd_intr(3)


def _session():
    """The shell from its first prompt on.  Ctrl-C raises nothing behind it."""
    import shell_env

    stdin = sys.stdin.buffer
    line = Line(lambda: stdin.read(1)[0], sys.stdout.buffer.write)
    shell = Shell(env=shell_env.started())
    raw = False
    while shell.going:
        try:
            raw = _once(shell, line)
        except KeyboardInterrupt:
            pass  # a second Ctrl-C, while the first was dealt with
    if raw:
        import prompt

        prompt.unread(1)


def start(cmdline):
    """What the boot option `ush` does: `ush` the shell at once, `ush=N` after N seconds if a key
    is pressed meanwhile, else nothing.  Ctrl-C is a key here: tools press it until they are heard.
    """
    import mounts

    words = mounts.options(cmdline)
    if "ush" in words:
        seconds = words["ush"]
        if not seconds or _stopped(int(seconds) if seconds.isdigit() else _DELAY_S):
            _sign_on()
            _session()


def _sign_on():
    import shell_env

    print("\n%s\n" % shell_env.version_text())


def _stopped(seconds):
    """Count down; whether a key stopped it.  The key is taken."""
    import select

    keys = select.poll()
    keys.register(sys.stdin, select.POLLIN)
    sys.stdout.write("Hit any key to stop autoboot: %2d " % seconds)
    while seconds > 0 and not keys.poll(1000):
        seconds -= 1
        sys.stdout.write("\b\b\b%2d " % seconds)
    sys.stdout.write("\n")
    if seconds > 0:
        sys.stdin.buffer.read(1)
    return seconds > 0
