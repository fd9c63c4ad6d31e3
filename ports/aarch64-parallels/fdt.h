// SPDX-License-Identifier: MIT
// Reads a flattened device tree (Devicetree Specification 0.4 §5) into an hw_config_t.  Compiles on the host.

#ifndef PYRALLAX_FDT_H
#define PYRALLAX_FDT_H

#include <stddef.h>
#include <stdint.h>

#include "boot/hwconfig.h"

// Total size of the tree at fdt, or 0 when there is none.  Reads 40 bytes.
uint32_t fdt_size(const void *fdt);

// Fill hw from the tree.  RAM goes to hw->mem as HW_MEM_FREE entries, reservations as HW_MEM_RESERVED; they may
// overlap until hw_mem_normalize.  Returns 0, or a negative number: -1 no tree, -2 truncated or malformed.
int fdt_read(const void *fdt, size_t size, hw_config_t *hw);

#endif
