"""ush: variables, echo, help and what else needs no device."""

import sys
import time

import boot
import rawmem

import shell_table
from shell import Failed, Usage

_MIB = 1 << 20


def scratch():
    """(base, size) of RAM that nobody has: the upper half of the largest free piece.

    Python's heap grows from the lower end.  (0, 0) where none is free.
    """
    base, size = max(rawmem.free(), key=lambda run: run[1], default=(0, 0))
    start = (base + size // 2 + _MIB - 1) & -_MIB
    return (start, base + size - start) if start < base + size else (base, size)


def defaults():
    """The variables of a new shell."""
    hw = boot.hw()
    env = {"arch": "arm", "cpu": "armv8", "board": hw["product"] or "pyrallax"}
    env["vendor"] = hw["vendor"]
    env["ver"] = version_text()
    env["loadaddr"] = "0x%x" % scratch()[0]
    return {name: value for name, value in env.items() if value}


def version_text():
    """What `version` and the sign-on say."""
    return "Pyrallax %s (build %s) ush" % (boot.version, boot.build_id()[:8])


def do_version(sh, words):
    sh.say(version_text())
    sh.say(sys.version.split("; ")[-1])


def do_help(sh, words):
    if len(words) == 1:
        for entry in shell_table.entries():
            sh.say("%-10s- %s" % (entry.name, entry.title))
        return 0
    status = 0
    for name in words[1:]:
        entry = shell_table.find(name)
        if entry is None:
            sh.say(
                "Unknown command '%s' - try 'help' without arguments for list of all known "
                "commands\n" % name
            )
            status = 1
        else:
            sh.say("%s - %s\n\n%s" % (entry.name, entry.title, entry.usage()))
    return status


def do_echo(sh, words):
    newline = words[1:2] != ["-n"]
    text = " ".join(words[1 if newline else 2 :])
    if newline:
        sh.say(text)
    else:
        sh.say(text, end="")


def do_true(sh, words):
    return 0


def do_false(sh, words):
    return 1


def do_exit(sh, words):
    sh.going = False
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0


def do_sleep(sh, words):
    if len(words) != 2:
        raise Usage
    try:
        seconds = float(words[1])
    except ValueError:
        raise Usage
    if not seconds >= 0:  # nan
        raise Usage
    time.sleep(seconds)


def do_reset(sh, words):
    import os

    import machine

    sh.say("resetting ...")
    os.sync()
    machine.reset()


def do_bdinfo(sh, words):
    """The one bank is the RAM that nobody has: tools take its start for memory they may use."""
    base, size = scratch()
    sh.say("boot_params = 0x%016x" % 0)
    sh.say("DRAM bank   = 0x%016x" % 0)
    sh.say("-> start    = 0x%016x" % base)
    sh.say("-> size     = 0x%016x" % size)


# ---- variables


def _print(sh, names):
    if not names:
        total = 0
        for name in sorted(sh.env):
            text = "%s=%s" % (name, sh.env[name])
            total += len(text) + 1
            sh.say(text)
        sh.say("\nEnvironment size: %d bytes" % total)
        return 0
    status = 0
    for name in names:
        if name in sh.env:
            sh.say("%s=%s" % (name, sh.env[name]))
        else:
            sh.say('## Error: "%s" not defined' % name)
            status = 1
    return status


def _set(sh, words):
    """words: name, values.  None: delete."""
    if not words:
        raise Usage
    name = words[0]
    if not name or "=" in name:
        raise Failed("## Error: illegal character '=' in variable name \"%s\"" % name)
    if len(words) > 1:
        sh.env[name] = " ".join(words[1:])
    else:
        sh.env.pop(name, None)
    return 0


def _run(sh, names):
    if not names:
        raise Usage
    for name in names:
        if name not in sh.env:
            raise Failed('## Error: "%s" not defined' % name)
        if sh.execute(sh.env[name]):
            return sh.status
    return 0


def _delete(sh, names):
    for name in names:
        if name != "-f":
            sh.env.pop(name, None)
    return 0


def do_printenv(sh, words):
    return _print(sh, words[1:])


def do_setenv(sh, words):
    return _set(sh, words[1:])


def do_run(sh, words):
    return _run(sh, words[1:])


def do_env(sh, words):
    verb, rest = (words[1], words[2:]) if len(words) > 1 else ("", [])
    if verb == "exists" and len(rest) == 1:
        return 0 if rest[0] in sh.env else 1
    if verb == "default" and rest[-1:] == ["-a"]:
        sh.say("## Resetting to default environment")
        sh.env.clear()
        sh.env.update(defaults())
        return 0
    verbs = {"print": _print, "set": _set, "run": _run, "delete": _delete}
    if verb not in verbs:
        raise Usage
    return verbs[verb](sh, rest)
