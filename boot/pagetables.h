// SPDX-License-Identifier: MIT
// Stage 1 translation tables of EL1, 4 KiB granule, 48-bit (Arm ARM D8).  Used by the UEFI shim, by the
// firmware's own entry when nobody built tables for it, and by the firmware to change mappings.
// The one home of the MAIR indices.  Pure computation: compiles and is tested on the host.

#ifndef PYRALLAX_BOOT_PAGETABLES_H
#define PYRALLAX_BOOT_PAGETABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hwconfig.h"

// MAIR_EL1 attribute indices.
#define MT_DEVICE 0    // Device-nGnRnE
#define MT_NORMAL 1    // Normal, write-back, read and write allocate
#define MT_NC 2        // Normal non-cacheable
#define MT_DEVICE_RE 3 // Device-nGnRE
#define MAIR_VALUE 0x0444ff00ull

// Mapping flags.
#define PT_R 0u
#define PT_W (1u << 0)
#define PT_X (1u << 1)
#define PT_USER (1u << 2)

typedef struct {
    uint64_t *root[2]; // TTBR0, TTBR1 tables, addressed as the caller can reach them (VA == PA)
    uint8_t *pool;     // page-aligned memory for tables
    size_t pool_pages;
    size_t used_pages;
} pt_t;

// A part of the image: virtual range and rights.  Physical address = image_phys + (vaddr - KERNEL_BASE).
typedef struct {
    uint64_t vaddr; // page aligned
    uint64_t size;  // bytes, rounded up to pages
    uint32_t flags; // PT_W, PT_X
} pt_segment_t;

// Pages of pool that pt_build can need for hw's memory map.  Upper bound.
size_t pt_pages_needed(const hw_config_t *hw);

// Map [va, va + size) → pa.  Uses blocks where alignment allows.  Replaces what was mapped.
// Returns 0, -1 when the pool is empty, -2 on misalignment or wrong range.  No TLB maintenance.
int pt_map(pt_t *pt, uint64_t va, uint64_t pa, uint64_t size, unsigned mt, unsigned flags);
// Remove [va, va + size); splits blocks as needed.  Returns as pt_map.  No TLB maintenance.
int pt_unmap(pt_t *pt, uint64_t va, uint64_t size);
// A leaf descriptor without its address; at level 3 the caller adds DESC_TABLE.
uint64_t pt_leaf_bits(unsigned mt, unsigned flags);
// Leaf descriptor that maps va, or 0; *level its level (1..3).
uint64_t pt_lookup(const pt_t *pt, uint64_t va, int *level);

// Build the whole map of memlayout.h for hw (mem[], image_phys, image_size must be final) and the image's
// segments, and fill hw->ttbr0, ttbr1, tcr, mair.  The first page of the image (start.S) is also mapped
// at its physical address, executable, so that the entry code survives switching the MMU on.
// pa_bits: ID_AA64MMFR0_EL1.PARange as a number of bits.  Returns as pt_map.
int pt_build(pt_t *pt, hw_config_t *hw, const pt_segment_t *segs, size_t nsegs, unsigned pa_bits);

#endif
