// SPDX-License-Identifier: MIT
// What the firmware needs from the ACPI tables, into hw_config.  The tables are hostile until proven
// otherwise: each is bounded and checksummed, and everything refused is logged with its reason.
// Pure: compiles, is tested and is fuzzed on the host.

#ifndef PYRALLAX_BOOT_ACPI_H
#define PYRALLAX_BOOT_ACPI_H

#include "hwconfig.h"
#include "win.h"

// Fills the UART, GIC, timer, watchdog, ECAM, CPU, PSCI and rsdp fields of hw.  rsdp: physical address or 0.
// Returns 0, or -1 when there was no usable root table (hw then holds the architecture's defaults).
int acpi_read(const physmem_t *mem, uint64_t rsdp, hw_config_t *hw);

// One checksummed table each, as acpi_read found it.
void acpi_madt(win_t table, hw_config_t *hw);
void acpi_mcfg(win_t table, hw_config_t *hw);
void acpi_gtdt(win_t table, hw_config_t *hw);
void acpi_fadt(win_t table, hw_config_t *hw);
void acpi_spcr(win_t table, hw_config_t *hw);
void acpi_dbg2(win_t table, hw_config_t *hw);
// Constants for a machine that is recognised by what the tables did say; no-op otherwise.
void acpi_known_platform(hw_config_t *hw);

// A place for a register block: not 0, below 2^48, aligned, and it does not wrap.
bool acpi_mmio_ok(uint64_t base, uint64_t size, uint64_t align);

#endif
