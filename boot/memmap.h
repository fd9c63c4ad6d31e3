// SPDX-License-Identifier: MIT
// The UEFI memory map as hw_config.mem: ascending, disjoint, whole pages, merged.  A strange map is clipped
// or refused with a line in the log, never believed.  Pure: compiles, is tested and is fuzzed on the host.

#ifndef PYRALLAX_BOOT_MEMMAP_H
#define PYRALLAX_BOOT_MEMMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hwconfig.h"

// map: EFI_MEMORY_DESCRIPTORs, desc_size apart.  keep: ranges that overrule the map (image, hand-off data,
// frame buffer), later ones win.  pa_bits: size of the physical address space.
// Fills hw->mem and mem_count.  NULL, or the reason why this map cannot be used.
const char *memmap_convert(const void *map, size_t map_size, size_t desc_size, const hw_mem_t *keep,
                           size_t nkeep, unsigned pa_bits, hw_config_t *hw);

// Is all of [base, base + size) listed as RAM of any kind?
bool memmap_is_ram(const hw_config_t *hw, uint64_t base, uint64_t size);
// Is any byte of it?
bool memmap_touches_ram(const hw_config_t *hw, uint64_t base, uint64_t size);
// Bytes of that kind.
uint64_t memmap_total(const hw_config_t *hw, uint32_t kind);
// One `mem` line per entry.
void memmap_log(const hw_config_t *hw);

#endif
