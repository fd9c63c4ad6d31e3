// SPDX-License-Identifier: MIT
// What stands behind a range of addresses that a user typed.

#ifndef PYRALLAX_MEMRANGE_H
#define PYRALLAX_MEMRANGE_H

#include <stdbool.h>
#include <stdint.h>

// All of it is memory (RAM, frame buffer, the image): no access there has a side effect or an asynchronous abort.
bool memrange_is_normal(uint64_t addr, uint64_t size);
// All of it is RAM at its physical address.
bool memrange_is_ram(uint64_t addr, uint64_t size);
// Physical address of memory that nothing can map anew (mmuguard.c), so that it is in one piece; else ~0.
uint64_t memrange_fixed(uint64_t va, uint64_t size);
// Nothing of it belongs to the firmware: not the image, stacks, hand-off, translation tables, Python heap, RAM disk
// or memory that the platform keeps.  Free RAM, the DMA pool and devices are nobody's.
bool memrange_may_write(uint64_t addr, uint64_t size);

#endif
