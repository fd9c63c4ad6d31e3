// SPDX-License-Identifier: MIT
// Stage 1 descriptors, 4 KiB granule, 48-bit (Arm ARM D8.3).

#ifndef PYRALLAX_BOOT_PTDESC_H
#define PYRALLAX_BOOT_PTDESC_H

#include <stdbool.h>
#include <stdint.h>

#define DESC_VALID (1ull << 0)
#define DESC_TABLE (1ull << 1) // at level 3 it marks a page
#define DESC_ATTR(i) ((uint64_t)(i) << 2)
#define DESC_ATTR_OF(d) ((unsigned)((d) >> 2 & 7))
#define DESC_AP_USER (1ull << 6)
#define DESC_AP_RO (1ull << 7)
#define DESC_SH_INNER (3ull << 8)
#define DESC_AF (1ull << 10)
#define DESC_NG (1ull << 11)
#define DESC_CONTIGUOUS (1ull << 52)
#define DESC_PXN (1ull << 53)
#define DESC_UXN (1ull << 54)
// Of a table descriptor, for all below it.
#define DESC_PXN_TABLE (1ull << 59)
#define DESC_UXN_TABLE (1ull << 60)
#define DESC_AP_TABLE_NO_USER (1ull << 61)
#define DESC_AP_TABLE_RO (1ull << 62)
#define DESC_ADDR 0x0000fffffffff000ull

// What may change in a live leaf without break-before-make (Arm ARM D8.16.1).
#define DESC_RIGHTS (DESC_AP_USER | DESC_AP_RO | DESC_PXN | DESC_UXN)

#define PT_ENTRIES 512
#define PT_LEVEL_SHIFT(level) (12 + 9 * (3 - (level)))
#define PT_LEVEL_SIZE(level) (1ull << PT_LEVEL_SHIFT(level))
#define PT_INDEX(va, level) ((va) >> PT_LEVEL_SHIFT(level) & (PT_ENTRIES - 1))

#define VA_BITS 48
#define IDENTITY_END (1ull << 40)
#define IDENTITY_ROOTS (IDENTITY_END / PT_LEVEL_SIZE(0)) // level 0 entries

static inline bool desc_is_table(uint64_t desc, int level) {
    return level < 3 && (desc & (DESC_VALID | DESC_TABLE)) == (DESC_VALID | DESC_TABLE);
}

// The next table, as far as its physical address is also its virtual one.
static inline uint64_t *desc_table(uint64_t desc) {
    return (uint64_t *)(uintptr_t)(desc & DESC_ADDR);
}

#endif
