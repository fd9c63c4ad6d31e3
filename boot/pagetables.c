// SPDX-License-Identifier: MIT
// Stage 1 translation tables (Arm ARM D8.3: VMSAv8-64, 4 KiB granule, 48-bit addresses).

#include "pagetables.h"
#include "ptdesc.h"
#include "../ports/aarch64-parallels/memlayout.h"

// TCR_EL1 (Arm ARM D17.2.139)
#define TCR_T0SZ(n) ((uint64_t)(n))
#define TCR_IRGN0_WB (1ull << 8)
#define TCR_ORGN0_WB (1ull << 10)
#define TCR_SH0_INNER (3ull << 12)
#define TCR_T1SZ(n) ((uint64_t)(n) << 16)
#define TCR_IRGN1_WB (1ull << 24)
#define TCR_ORGN1_WB (1ull << 26)
#define TCR_SH1_INNER (3ull << 28)
#define TCR_TG1_4K (2ull << 30)
#define TCR_IPS(n) ((uint64_t)(n) << 32)

static uint64_t *table_new(pt_t *pt) {
    if (pt->used_pages >= pt->pool_pages) {
        return NULL;
    }
    uint64_t *t = (uint64_t *)(void *)(pt->pool + pt->used_pages++ * PAGE_SIZE);
    for (unsigned i = 0; i < PT_ENTRIES; i++) {
        t[i] = 0;
    }
    return t;
}

// The table that entry *e of the given level points to; makes one, or splits the block that is there.
static uint64_t *table_below(pt_t *pt, uint64_t *e, int level) {
    uint64_t old = *e;
    if (desc_is_table(old, level)) {
        return desc_table(old);
    }
    uint64_t *t = table_new(pt);
    if (t == NULL) {
        return NULL;
    }
    if (old & DESC_VALID) {
        uint64_t step = PT_LEVEL_SIZE(level + 1);
        uint64_t leaf = old | (level + 1 == 3 ? DESC_TABLE : 0);
        for (unsigned i = 0; i < PT_ENTRIES; i++) {
            t[i] = leaf + i * step;
        }
    }
    *e = (uint64_t)(uintptr_t)t | DESC_VALID | DESC_TABLE;
    return t;
}

uint64_t pt_leaf_bits(unsigned mt, unsigned flags) {
    uint64_t d = DESC_VALID | DESC_AF | DESC_ATTR(mt);
    if (mt == MT_NORMAL || mt == MT_NC) {
        d |= DESC_SH_INNER;
    }
    if (!(flags & PT_W)) {
        d |= DESC_AP_RO;
    }
    if (flags & PT_USER) {
        d |= DESC_AP_USER | DESC_NG | DESC_PXN;
        if (!(flags & PT_X)) {
            d |= DESC_UXN;
        }
    } else {
        d |= DESC_UXN;
        if (!(flags & PT_X)) {
            d |= DESC_PXN;
        }
    }
    return d;
}

// Set [va, va + size) in the table of the given level.  bits 0 unmaps.
static int set_range(pt_t *pt, uint64_t *table, int level, uint64_t va, uint64_t pa, uint64_t size,
                     uint64_t bits) {
    uint64_t step = PT_LEVEL_SIZE(level);
    while (size != 0) {
        uint64_t *e = &table[PT_INDEX(va, level)];
        uint64_t into = va & (step - 1);
        uint64_t n = step - into < size ? step - into : size;
        bool whole = n == step && level >= 1 && (bits == 0 || (pa & (step - 1)) == 0);
        if (whole) {
            *e = bits == 0 ? 0 : pa | bits | (level == 3 ? DESC_TABLE : 0);
        } else if (bits != 0 || (*e & DESC_VALID)) {
            uint64_t *below = table_below(pt, e, level);
            if (below == NULL) {
                return -1;
            }
            int r = set_range(pt, below, level + 1, va, pa, n, bits);
            if (r != 0) {
                return r;
            }
        }
        va += n;
        pa += n;
        size -= n;
    }
    return 0;
}

static uint64_t *root_of(const pt_t *pt, uint64_t va, uint64_t size) {
    uint64_t top = va >> (VA_BITS - 1) >> 1;
    if (size == 0 || ((va | size) & (PAGE_SIZE - 1)) != 0) {
        return NULL;
    }
    uint64_t last = va + (size - 1);
    if (last < va || last >> (VA_BITS - 1) >> 1 != top || (top != 0 && top != 0xffff)) {
        return NULL;
    }
    return pt->root[top != 0];
}

int pt_map(pt_t *pt, uint64_t va, uint64_t pa, uint64_t size, unsigned mt, unsigned flags) {
    uint64_t *root = root_of(pt, va, size);
    if (root == NULL || (pa & ~DESC_ADDR) != 0 || ((pa + (size - 1)) >> VA_BITS) != 0) {
        return -2;
    }
    return set_range(pt, root, 0, va, pa, size, pt_leaf_bits(mt, flags));
}

int pt_unmap(pt_t *pt, uint64_t va, uint64_t size) {
    uint64_t *root = root_of(pt, va, size);
    if (root == NULL) {
        return -2;
    }
    return set_range(pt, root, 0, va, 0, size, 0);
}

uint64_t pt_lookup(const pt_t *pt, uint64_t va, int *level) {
    uint64_t *t = root_of(pt, va & ~(uint64_t)(PAGE_SIZE - 1), PAGE_SIZE);
    for (int l = 0; t != NULL && l <= 3; l++) {
        uint64_t d = t[PT_INDEX(va, l)];
        if (!(d & DESC_VALID)) {
            return 0;
        }
        if (!desc_is_table(d, l)) {
            *level = l;
            return d;
        }
        t = desc_table(d);
    }
    return 0;
}

// Memory type of a region in the identity map, or -1 when it is left out.
static int region_mt(uint32_t kind) {
    switch (kind) {
        case HW_MEM_IMAGE:
            return -1;
        case HW_MEM_FB:
            return MT_NC;
        case HW_MEM_MMIO:
            return MT_DEVICE;
        default:
            return MT_NORMAL;
    }
}

static int map_identity(pt_t *pt, uint64_t from, uint64_t to, int mt) {
    if (from < PAGE_SIZE) {
        from = PAGE_SIZE; // page 0 stays unmapped: NULL
    }
    if (from >= to || mt < 0) {
        return 0;
    }
    return pt_map(pt, from, from, to - from, (unsigned)mt, PT_W);
}

size_t pt_pages_needed(const hw_config_t *hw) {
    // Roots, two level 1 tables; each border between regions can split a 1 GiB and a 2 MiB block; the image
    // spans at most image_size / 2 MiB + 2 level 3 tables, a level 1 and two level 2 tables.
    return 2 + 2 + 2 * (2 * (size_t)hw->mem_count + 4) + (size_t)(hw->image_size >> 21) + 2 + 3 + 4;
}

int pt_build(pt_t *pt, hw_config_t *hw, const pt_segment_t *segs, size_t nsegs, unsigned pa_bits) {
    pt->used_pages = 0;
    for (unsigned i = 0; i < 2; i++) {
        pt->root[i] = table_new(pt);
        if (pt->root[i] == NULL) {
            return -1;
        }
    }
    uint64_t end = pa_bits >= 40 ? IDENTITY_END : 1ull << pa_bits;

    // Runs of neighbours with one memory type become one call, so that blocks stay large.
    uint64_t at = 0;
    int run_mt = MT_DEVICE;
    uint64_t run_from = 0;
    for (uint32_t i = 0; i < hw->mem_count; i++) {
        const hw_mem_t *m = &hw->mem[i];
        if (m->base < at || ((m->base | m->size) & (PAGE_SIZE - 1)) != 0 ||
            m->base + m->size < m->base) {
            return -2;
        }
        if (m->base >= end || m->size == 0) {
            continue;
        }
        uint64_t m_end = m->base + m->size < end ? m->base + m->size : end;
        int mt = region_mt(m->kind);
        for (int gap = m->base > at; gap >= 0; gap--) { // the gap below it first, then the region
            int next_mt = gap ? MT_DEVICE : mt;
            uint64_t next_from = gap ? at : m->base;
            if (next_mt != run_mt) {
                int r = map_identity(pt, run_from, next_from, run_mt);
                if (r != 0) {
                    return r;
                }
                run_mt = next_mt;
                run_from = next_from;
            }
        }
        at = m_end;
    }
    int r = map_identity(pt, run_from, at, run_mt);
    if (r == 0) {
        r = map_identity(pt, at, end, MT_DEVICE);
    }
    // The entry page, so that switching the MMU on does not pull the rug away.
    if (r == 0) {
        r = pt_map(pt, hw->image_phys, hw->image_phys, PAGE_SIZE, MT_NORMAL, PT_X);
    }
    for (size_t i = 0; i < nsegs && r == 0; i++) {
        const pt_segment_t *s = &segs[i];
        uint64_t size = (s->size + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
        if (s->vaddr < KERNEL_BASE || (s->flags & (PT_W | PT_X)) == (PT_W | PT_X) ||
            s->vaddr - KERNEL_BASE + size > hw->image_size) {
            return -2;
        }
        r = pt_map(pt, s->vaddr, hw->image_phys + (s->vaddr - KERNEL_BASE), size, MT_NORMAL,
                   s->flags);
    }
    if (r != 0) {
        return r;
    }

    // ID_AA64MMFR0_EL1.PARange and TCR_EL1.IPS share their encoding (Arm ARM D17.2.64).
    static const uint8_t range_bits[] = {32, 36, 40, 42, 44, 48};
    unsigned ips = 0;
    while (ips + 1 < sizeof(range_bits) && range_bits[ips] < pa_bits) {
        ips++;
    }
    hw->ttbr0 = (uint64_t)(uintptr_t)pt->root[0];
    hw->ttbr1 = (uint64_t)(uintptr_t)pt->root[1];
    hw->mair = MAIR_VALUE;
    hw->tcr = TCR_T0SZ(64 - VA_BITS) | TCR_IRGN0_WB | TCR_ORGN0_WB | TCR_SH0_INNER |
              TCR_T1SZ(64 - VA_BITS) | TCR_IRGN1_WB | TCR_ORGN1_WB | TCR_SH1_INNER | TCR_TG1_4K |
              TCR_IPS(ips);
    return 0;
}
