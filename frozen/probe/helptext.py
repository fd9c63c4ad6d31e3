"""What help() says of the toolkit: MicroPython keeps no docstrings.

tests/unit/test_help.py holds it against the modules.
"""

import builtins

# "= module, what for", then its names: arguments, what it does.
_TEXT = """\
= probe | at the prompt: from probe import *
regs(dev) | print all registers of a device, decoded: "gicd", a pci.Function, an acpi.Device
device(dev) | the same as an object: device("xhci0").PORTSC[1].PED
names() | names of devices that have register maps
name(address) | what is at an address: "xhci0 PORTSC[1]"
addr(dev, register, index=0) | address of a register
Map(name, source, text, width=32) | a register map declared as text
View(map, regs) | registers by name over an mmio.Regs
hexdump(addr, n=256, width=None) | print memory or registers, width 1, 2, 4 or 8 bytes
hexdiff(a, b, n=256) | print where two pieces of memory differ
find(pattern, start=None, n=None) | addresses of bytes, text or an int; in all memory
fill(addr, value, n, width=1) | store a value all over
copy(dst, src, n, width=1) | copy memory
compare(a, b, n) | offset of the first difference, or None
crc32(addr, n) | CRC-32 of memory
memtest(addr=None, n=None) | test memory, free memory without an address; None when good
watch(expr) | show an expression at the prompt whenever it has changed
unwatch(expr=None) | stop that, for one or all
hexint(on=True) | show integers in hexadecimal at the prompt
timeit(code, n=None) | time of a function or of statements: ns, ticks, instructions
help(what=None) | this: of a module, a function, a name
= probe.trace | record what drivers do to registers
on(thing, map=None) | trace an object's register windows: a Trace
attach(thing, map=None) | the same
detach(trace) | stop a Trace
windows(thing) | register windows in an object
Trace(entries) | what on() gives: print(t), t.save(path), t.detach()
= probe.hwreport | describe this machine for those who write drivers for it
write(stream=None, enable=False) | print the report, JSON
save(path, enable=False) | write it to a file
sections(enable=False) | (name, data) of each part
= probe.smbios | what the firmware says of the machine
structures() | every structure
raw() | their bytes
find(kind) | structures of one type: smbios.find(1)[0]["UUID"]
dump(kind=None) | print them
decode(data) | structures in bytes
Structure(raw, strings) | one: fields, strings
SmbiosError() | what a broken one raises
= acpi | what the firmware's tables describe
devices() | every device of the namespace
find(name) | the device with this _HID or _CID
tables() | every table
table(signature, n=0) | one table: fields(), raw()
dump(signature, n=0) | print a table, decoded
namespace() | the AML namespace
refused() | what was no good, and why
system() | all of it as one object
reload() | read the tables again
System(…) | tables and namespace from one root pointer
= pci | functions on the PCI buses
lspci(options="", only=None) | print functions as lspci does: lspci("vv")
scan() | list of functions
rescan() | look again
find(vendor, device, class_=None) | one function
find_all(vendor, device, class_=None) | every such function
function(bdf) | the function at "00:03.0"
problems() | what is wrong with the machine's PCI
Bus(hosts) | functions of some hosts
= irq | interrupts
request(intid, handler, …) | have a function called for an interrupt: a Line
msi(count=1, device=0) | interrupts that a device sends as messages
stats() | every line's count, last time, storms
info() | the interrupt controller
Line(…) | what request() gives: enable, disable, free, count
Vectors(…) | what msi() gives: v[i] is (address, data, intid)
Held(function) | the same to call, and Ctrl-C waits for its end
= mmio | device registers
Regs(base, size, width=32, name="") | a window of registers: r[off], r.wait(), r.modify()
= rawmem | ranges of addresses
read(addr, n, width=8) | bytes
readinto(addr, buf, width=8) | into a buffer
write(addr, data, width=8) | store bytes
fill(addr, n, value, width=8) | store a value all over
copy(dst, src, n, width=8) | copy
compare(a, b, n) | offset of the first difference, or -1
find(addr, n, pattern) | address of a pattern, or -1
crc32(addr, n) | CRC-32
memtest(addr, n) | test memory
free() | RAM that nobody has
= mmu | address translation
translate(va) | physical address and attributes, by the CPU and by the tables
walk(va) | every descriptor on the way
regions() | all that is mapped
map(va, pa, size, …) | map
unmap(va, size) | unmap
protect(va, size, …) | change attributes
flush(va=None, asid=None) | forget translations
flush_va(va, asid) | of one page
flush_asid(asid) | of one address space
flush_all() | all
Space() | an address space of its own
switch(space=None) | make one current
current() | the one that is
stats() | tables and ASIDs in use
selftest(n=1000) | remap under stale entries and see the new data
= smp | the other processors
start() | start them
count() | CPUs of the machine
cpus() | each one's state
call(cpu, function, *args) | run a C function there
submit(cpu, function, *args) | begin that: a Job
functions() | what they can run
ping(cpu, rounds) | round trips
shootdown(cpu, rounds) | TLB shootdown test
psci() | the firmware's power interface
= sysreg | system registers by name: sysreg.MIDR_EL1
dump(match="") | print them, decoded
names() | list of names
write(name, value) | write one
caches() | the caches, as their registers describe them
read(op0, op1, CRn, CRm, op2) | read one by its encoding
poke(op0, op1, CRn, CRm, op2, value) | write one by its encoding
= efi | what UEFI left behind
info() | vendor, revision, version
tables() | configuration tables
memory_map() | memory as it was when boot services ended
get_time() | the firmware's clock
variables() | names of variables
variable(name, guid) | one variable
reset(kind="cold") | reset or shut down
= probe.heartbeat | a line a second for test plans
start(period_ms=1000) | begin
stop() | end
line() | one such line
= trace | the ring below probe.trace
Ring(entries) | accesses of the windows whose .trace it is
stack() | Python functions that run
= prompt | hooks into the prompt
before(function) | call a function before each line
probing(obj) | whether __getattr__ is only asked if there is such a name
put(byte) | have a byte count as typed, Ctrl-C included
unread(byte) | have a byte read again, before what was typed
"""


def _topics():
    """(module, what for, [(call, effect), …]) of each module."""
    topic = None
    for line in _TEXT.split("\n"):
        head, _, tail = line.partition(" | ")
        if line.startswith("= "):
            if topic:
                yield topic
            topic = head[2:], tail, []
        elif head:
            topic[2].append((head, tail))
    yield topic


def _name_of(what):
    """What an object is called in the table: "acpi", "probe.regs"; None for others."""
    if isinstance(what, str):
        return what
    if isinstance(what, type(builtins)):
        return what.__name__
    for module, _, lines in _topics():
        try:
            loaded = __import__(module, None, None, ("*",))
        except ImportError:
            continue
        for call, _ in lines:
            name = call.partition("(")[0]
            if getattr(loaded, name, None) is what:
                return "%s.%s" % (module, name)
    return None


def _overview():
    print("help('module') tells more, help(function) what one does.\n")
    for module, purpose, lines in _topics():
        print("%s: %s" % (module, purpose))
        row = " "
        for call, _ in lines:
            name = call.partition("(")[0]
            if len(row) + len(name) > 78:
                print(row)
                row = " "
            row += " " + name
        print(row)


def _help_registers(what):
    from probe import devices, helpregs

    if isinstance(what, str):
        if what not in devices.names():
            print("nothing is known of %r; help() names what there is" % what)
            return True
        what = devices.device(what)
    lines = helpregs.lines(what)
    for line in lines or ():
        print(line)
    return lines is not None


def help(what=None):
    """Print what the toolkit has, or what a module, function or name of it does.

    what: one of them, or its name as text; a device, its name, or a register, which is not read;
    other objects get MicroPython's help.
    """
    if what is None:
        builtins.help()
        print()
        _overview()
        return
    name = _name_of(what)
    found = False
    for module, purpose, lines in _topics():
        if name == module:
            print("%s: %s" % (module, purpose))
        for call, effect in lines:
            short = call.partition("(")[0]
            if name in (module, short, "%s.%s" % (module, short)):
                found = True
                own = "" if module == "probe" or name == module else module + "."
                print("  %s%s\n      %s" % (own, call, effect))
    if not found and not _help_registers(what):
        builtins.help(what)
