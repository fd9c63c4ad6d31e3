# SPDX-License-Identifier: MIT
# build/boot/BOOTAA64.EFI.  Included by the top-level Makefile.

LLVM_SUFFIX ?= -19
BOOT_CC ?= clang$(LLVM_SUFFIX)
BOOT_LD ?= lld-link$(LLVM_SUFFIX)
BOOT_BUILD ?= build/boot
BOOT_Q = $(if $(V),,@)

BOOT_SRC = shim.c shim_tables.c shim_probe.c shim_load.c shim_exit.c console.c lib.c log.c crc32.c \
    acpi.c acpi_madt.c acpi_tables.c acpi_uart.c elf.c memmap.c memmap_query.c smbios.c cmdline.c efitime.c \
    pagetables.c
BOOT_OBJ = $(BOOT_SRC:%.c=$(BOOT_BUILD)/%.o)

# -mno-stack-arg-probe: no __chkstk.  -fno-builtin: lib.c's loops must not become calls of themselves.
BOOT_CFLAGS = --target=aarch64-unknown-windows -std=gnu11 -O2 -ffreestanding -fno-builtin -fshort-wchar \
    -mno-stack-arg-probe -fno-stack-protector -fno-ident -ffile-prefix-map=$(CURDIR)=. -Wall -Wextra -Werror

$(BOOT_BUILD)/BOOTAA64.EFI: $(BOOT_OBJ)
	@echo "LINK $@"
	$(BOOT_Q)$(BOOT_LD) /nologo /subsystem:efi_application /entry:efi_main /nodefaultlib /Brepro /dynamicbase \
	    /out:$@ $(BOOT_OBJ)

$(BOOT_BUILD)/%.o: boot/%.c boot/boot.mk
	@mkdir -p $(@D)
	$(BOOT_Q)$(BOOT_CC) $(BOOT_CFLAGS) -MMD -MP -c -o $@ $<

-include $(BOOT_OBJ:.o=.d)
