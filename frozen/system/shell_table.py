"""The commands of ush: where each is, what help says of it."""

# Name, module (shell_MODULE; the function is do_NAME), title; below it, indented, its usage
# without the name.  A name that ends in * takes a width: md.b.
_TABLE = """\
? env alias for 'help'
bdinfo env print Board Info structure
cmp* memory memory compare
  [.b, .w, .l, .q] addr1 addr2 count
cp* memory memory copy
  [.b, .w, .l, .q] source target count
crc32 memory checksum calculation
  address count [addr]
    - compute CRC32 checksum [save at addr]
  -v address count crc
    - verify crc of memory area
echo env echo args to console
  [-n] [args..]
    - echo args to console; -n: without newline
env env environment handling commands
  default [-f] -a - reset all variables to those of the first start
  default [-f] name [...] - reset these
  delete [-f] name [...] - delete variables
  exists name - test whether a variable is there
  print [-a | name ...] - print variables
  run name [...] - run commands in variables
  save - keep what differs from the default for the next start
  set name [value ...] - set a variable, delete it without value
exit env leave the shell
  [status]
    - back to Python
false env do nothing, unsuccessfully
help env print command description/usage
  [command ...]
    - print brief description of all commands, or usage of 'command'
load files load binary file from a filesystem
  <interface> [<dev[:part]> [<addr> [<filename> [bytes [pos]]]]]
    - load 'filename' to memory at 'addr' ($loadaddr), sets filesize, fileaddr
      interface and dev:part: vfs (all of Python's tree), ram (/ram), sata 0:1 (sd0p1)
ls files list files in a directory (default /)
  <interface> [<dev[:part]> [directory]]
  <directory>
md* memory memory display
  [.b, .w, .l, .q] address [# of objects]
mw* memory memory write (fill)
  [.b, .w, .l, .q] address value [count]
pci pci list and access PCI Configuration Space
  [bus|*]
    - short list of PCI devices
  enum - enumerate PCI buses again
  header b.d.f - show header of PCI device 'bus.device.function'
  bar b.d.f - show BARs base and size
  display[.b, .w, .l] b.d.f [address] [# of objects]
    - display PCI configuration space (CFG)
  write[.b, .w, .l] b.d.f address value
    - write to CFG address
printenv env print environment variables
  [name ...]
reset env Perform RESET of the CPU
run env run commands in an environment variable
  var [...]
save files save file to a filesystem
  <interface> <dev[:part]> <addr> <filename> bytes [pos]
    - save 'bytes' bytes from address 'addr' into 'filename'
saveenv env keep environment variables for the next start
setenv env set environment variables
  name [value ...]
    - set 'name' to 'value ...', delete it without value
sleep env delay execution for some time
  N
    - delay execution for N seconds (N is _decimal_ and can be fractional)
true env do nothing, successfully
version env print firmware and Python version
"""


class Entry:
    """name, title; sized: whether it takes .b .w .l .q."""

    def __init__(self, lines):
        name, self._module, self.title = lines[0].split(" ", 2)
        self.name = name.rstrip("*")
        self.sized = name != self.name
        self._usage = lines[1:] or ["  "]

    def function(self):
        """What runs it: function(shell, words)."""
        word = "help" if self.name == "?" else self.name
        return getattr(__import__("shell_" + self._module), "do_" + word)

    def usage(self):
        """How it is called, as text."""
        lines = [
            line if line.startswith("    ") else (self.name + line[1:]).rstrip()
            for line in self._usage
        ]
        return "Usage:\n" + "\n".join(lines)


def entries():
    """Every Entry, by name."""
    lines = []
    for line in _TABLE.split("\n"):
        if lines and line[:1] != " ":
            yield Entry(lines)
            lines = []
        lines.append(line)


def find(name):
    """The Entry of a command, or None."""
    for entry in entries():
        if entry.name == name:
            return entry
    return None
