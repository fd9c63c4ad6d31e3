// SPDX-License-Identifier: MIT
#include "ptwalk.h"

#include "boot/ptdesc.h"

#define HALF_SIZE (1ull << VA_BITS)
#define BITS(desc) ((desc) & ~(DESC_ADDR | DESC_TABLE | DESC_CONTIGUOUS))

int ptwalk(const uint64_t *root, uint64_t va, ptstep_t steps[4]) {
    uint64_t top = va >> VA_BITS;
    if (top != 0 && top != 0xffff) {
        return 0;
    }
    for (int level = 0;; level++) {
        steps[level].entry = &root[PT_INDEX(va, level)];
        steps[level].desc = *steps[level].entry;
        if (!desc_is_table(steps[level].desc, level)) {
            return level + 1;
        }
        root = desc_table(steps[level].desc);
    }
}

uint64_t ptwalk_leaf(const ptstep_t *steps, int n) {
    uint64_t leaf = steps[n - 1].desc, above = 0;
    if (!(leaf & DESC_VALID)) {
        return 0;
    }
    for (int i = 0; i < n - 1; i++) {
        above |= steps[i].desc;
    }
    leaf |= above & DESC_PXN_TABLE ? DESC_PXN : 0;
    leaf |= above & DESC_UXN_TABLE ? DESC_UXN : 0;
    leaf |= above & DESC_AP_TABLE_RO ? DESC_AP_RO : 0;
    return above & DESC_AP_TABLE_NO_USER ? leaf & ~DESC_AP_USER : leaf;
}

bool ptwalk_region(const uint64_t *root, uint64_t half, uint64_t va, ptregion_t *r) {
    r->size = 0;
    for (uint64_t at = va - half; at < HALF_SIZE;) {
        ptstep_t steps[4];
        int level = ptwalk(root, at, steps) - 1;
        uint64_t into = at & (PT_LEVEL_SIZE(level) - 1), desc = ptwalk_leaf(steps, level + 1);
        if (desc & DESC_VALID) {
            uint64_t pa = (desc & DESC_ADDR) + into;
            if (r->size == 0) {
                *r = (ptregion_t) {.va = half + at, .pa = pa, .bits = BITS(desc)};
            } else if (BITS(desc) != r->bits || pa != r->pa + r->size) {
                return true;
            }
            r->size += PT_LEVEL_SIZE(level) - into;
        } else if (r->size != 0) {
            return true;
        }
        at += PT_LEVEL_SIZE(level) - into;
    }
    return r->size != 0;
}
