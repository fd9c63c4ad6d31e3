"""A command line of ush taken apart: words, quotes, variables, ; && || (U-Boot's hush)."""

_BLANK = " \t"
_BEFORE_COMMENT = " \t\n;&|"  # by the text alone: what $x holds must not open quotes


class SyntaxFault(Exception):
    """What cannot be read.  str(): why."""


def command(text, at, look):
    """(words, joint, next): the command that begins at `at`.

    joint: what comes behind it: ";", "&&", "||" or "" for the end.  look(name): value of a
    variable as text, asked when this command is read: those before may have set it.
    Raises SyntaxFault.
    """
    words = []
    word = None  # "" is a word that quotes have begun
    while at < len(text):
        c = text[at]
        at += 1
        if c in _BLANK:
            word = _end(words, word)
        elif c in ";\n":
            _end(words, word)
            return words, ";", at
        elif c in "&|":
            if text[at : at + 1] != c:
                raise SyntaxFault("there is && and ||, no single %s" % c)
            _end(words, word)
            return words, c + c, at + 1
        elif c == "#" and (at == 1 or text[at - 2] in _BEFORE_COMMENT):
            at = text.find("\n", at)
            if at < 0:
                break
        elif c == "'":
            end = _closing(text, at, c)
            word = (word or "") + _unescaped(text[at:end])
            at = end + 1
        elif c == '"':
            more, at = _quoted(text, at, look)
            word = (word or "") + more
        elif c == "\\":
            word = (word or "") + text[at : at + 1]
            at += 1
        elif c == "$":
            value, at = _variable(text, at, look)
            for c in value:  # unquoted: its blanks end words
                word = _end(words, word) if c in " \t\n" else (word or "") + c
        else:
            word = (word or "") + c
    _end(words, word)
    return words, "", len(text)


def check(text):
    """Read all of a line, run nothing.  Raises SyntaxFault."""
    at = 0
    while at < len(text):
        _, _, at = command(text, at, lambda name: "")


def _end(words, word):
    if word is not None:
        words.append(word)
    return None


def _closing(text, at, quote):
    end = text.find(quote, at)
    if end < 0:
        raise SyntaxFault("a %s is not closed" % quote)
    return end


def _unescaped(text):
    """Single quotes keep no backslash from standing for the next character: tools write two."""
    out = ""
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        out += text[at : at + 1]
        at += 1
    return out


def _quoted(text, at, look):
    """(what stands in double quotes from `at` on, the place behind them)."""
    out = ""
    while True:
        c = text[at : at + 1]
        at += 1
        if not c:
            raise SyntaxFault('a " is not closed')
        if c == '"':
            return out, at
        if c == "\\" and text[at : at + 1] in ('"', "\\", "$"):
            c = text[at]
            at += 1
        elif c == "$":
            c, at = _variable(text, at, look)
        out += c


def _variable(text, at, look):
    """(value of the variable whose name is at `at`, the place behind it)."""
    c = text[at : at + 1]
    if c == "{":
        end = _closing(text, at, "}")
        return look(text[at + 1 : end]), end + 1
    if c == "?":
        return look(c), at + 1
    end = at
    while end < len(text) and (text[end].isalpha() or text[end].isdigit() or text[end] == "_"):
        end += 1
    return (look(text[at:end]), end) if end > at else ("$", at)
