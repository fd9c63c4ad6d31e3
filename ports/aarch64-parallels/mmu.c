// SPDX-License-Identifier: MIT
// The translation tables in use, changed while they are in use.

#include "mmu.h"

#include <stddef.h>
#include <string.h>

#include "boot/pagetables.h"
#include "boot/ptdesc.h"
#include "hw.h"
#include "io.h"
#include "irq.h"
#include "memlayout.h"
#include "mmutables.h"
#include "postmortem.h"
#include "ptedit.h"
#include "ptwalk.h"
#include "py/mperrno.h"
#include "smp.h"
#include "tlb.h"

// Where a table's page appears while an entry in it is broken.  Its own page of .bss is never used: the window is
// unmapped except for those moments.
__attribute__((aligned(PAGE_SIZE))) static uint8_t window[PAGE_SIZE];
static uint64_t *window_entry;

void mmu_init(void) {
    pt_t pt = {.root = {(uint64_t *)hw.ttbr0, (uint64_t *)hw.ttbr1}};
    // The entry page is a level 3 page of its own (its neighbours are not mapped): no split, no pool.
    pt_unmap(&pt, hw.image_phys, PAGE_SIZE);
    ptstep_t steps[4];
    int levels = ptwalk(mmu_high_root(), (uint64_t)window, steps);
    window_entry = (uint64_t *)(uintptr_t)steps[levels - 1].entry;
    *window_entry = 0;
    if ((sysreg_read(id_aa64mmfr0_el1) >> 4 & 0xf) == 2) {
        hw.tcr |= TCR_AS; // the flush below covers what the TLB may hold of TCR_EL1, too
        sysreg_write(tcr_el1, hw.tcr);
        isb();
    }
    tlb_flush_all();
}

uint64_t mmu_phys(const void *p) {
    uint64_t va = (uint64_t)p;
    return va >= KERNEL_BASE ? hw.image_phys + (va - KERNEL_BASE) : va;
}

uint64_t *mmu_kernel_root(void) {
    return (uint64_t *)hw.ttbr0;
}

uint64_t *mmu_high_root(void) {
    return (uint64_t *)hw.ttbr1;
}

// Break-before-make (Arm ARM D8.16.1) where the entry may map anything in the identity map: the heap, this very
// table, the UART, the interrupt controller.  Between break and make only the image is touched: code, stack and
// variables are in TTBR1's 4 KiB pages, which are never broken, and the table is written through the window.  No
// interrupt comes between, and no other CPU works (they are parked in the image).  mmu_guard refuses what the
// firmware uses itself, so of a block that is split all of that comes back.  FEAT_BBM would not spare us this: even
// at level 2 a CPU may answer a change of block size with a TLB conflict abort.
static void break_and_make(uint64_t *entry, bool many, uint64_t desc, uint64_t va) {
    uint64_t *alias = (uint64_t *)(void *)(window + ((uintptr_t)entry & (PAGE_SIZE - 1)));
    uint64_t state = irq_save();
    *window_entry = ((uintptr_t)entry & DESC_ADDR) | pt_leaf_bits(MT_NORMAL, PT_W) | DESC_TABLE;
    dsb_ishst(); // the window's entry before the walk for it
    isb();
    *alias = 0;
    if (many) {
        tlb_flush_all();
    } else {
        tlb_flush_va(va);
    }
    *alias = desc;
    dsb_ishst(); // the new entry before any walk
    isb();
    *window_entry = 0;
    tlb_flush_va((uint64_t)window);
    irq_restore(state);
}

#define ANYWHERE (~0ull) // the entry's virtual address is not known

static void store(uint64_t *entry, int level, uint64_t desc, uint64_t va) {
    uint64_t old = *entry;
    bool table = desc_is_table(old, level);
    if (!(old & DESC_VALID)) { // never in a TLB
        *entry = desc;
        dsb_ishst(); // the new entry before any walk
        isb();
    } else if (!table && ((old ^ desc) & ~DESC_RIGHTS) == 0) {
        *entry = desc;
        tlb_flush_va(va);
    } else {
        break_and_make(entry, table || va == ANYWHERE, desc, va); // a table: all that is below it
    }
}

// ---- what the boot mapped comes back at a soft reset

#define RECORDS 255

typedef struct copies {
    struct copies *next;
    uint64_t count;
    struct {
        uint64_t *table;
        uintptr_t copy; // with the table's level in its low bits
    } record[RECORDS];
} copies_t;
_Static_assert(sizeof(copies_t) == PAGE_SIZE, "one table's page");

static copies_t *copies; // of tables of the boot, as they were

// Before the first change of an entry in a table of the boot.
static void keep_copy(uint64_t *table, int level) {
    for (copies_t *c = copies; c != NULL; c = c->next) {
        for (uint64_t i = 0; i < c->count; i++) {
            if (c->record[i].table == table) {
                return;
            }
        }
    }
    if (copies == NULL || copies->count == RECORDS) {
        copies_t *c = (void *)mmutables_new();
        c->next = copies;
        copies = c;
    }
    uint64_t *copy = mmutables_new();
    memcpy(copy, table, PAGE_SIZE);
    copies->record[copies->count].table = table;
    copies->record[copies->count++].copy = (uintptr_t)copy | (uintptr_t)level;
}

void mmu_restore(void) {
    // From the leaves up: a table is whole again before an entry above leads to it.
    for (int level = 3; level >= 0; level--) {
        for (copies_t *c = copies; c != NULL; c = c->next) {
            for (uint64_t i = 0; i < c->count; i++) {
                if ((int)(c->record[i].copy & (PAGE_SIZE - 1)) != level) {
                    continue;
                }
                uint64_t *table = c->record[i].table;
                const uint64_t *copy =
                    (const uint64_t *)(c->record[i].copy & ~(uintptr_t)(PAGE_SIZE - 1));
                for (unsigned e = 0; e < PT_ENTRIES; e++) {
                    if (table[e] != copy[e]) {
                        store(&table[e], level, copy[e], ANYWHERE);
                    }
                }
            }
        }
    }
    copies = NULL;
    tlb_flush_all(); // rights that changed, too
    mmutables_reset();
}

// ---- edits

static bool reserve(size_t n) {
    return mmutables_reserve(n + n / RECORDS + 1);
}

static void replace(uint64_t *entry, int level, uint64_t desc, uint64_t va) {
    uint64_t *table = (uint64_t *)((uintptr_t)entry & ~(uintptr_t)(PAGE_SIZE - 1));
    if (!mmutables_owned(table)) {
        keep_copy(table, level);
    }
    store(entry, level, desc, va);
}

static const ptedit_ops_t ops = {reserve, mmutables_new, mmutables_free, mmutables_owned, replace};

static int result(int r, const char **why) {
    mmutables_trim();
    switch (r) {
        case PTEDIT_NO_MEMORY:
            *why = "no memory for translation tables";
            return -MP_ENOMEM;
        case PTEDIT_NOT_MAPPED:
            *why = "part of it is not mapped";
            return -MP_EFAULT;
        case PTEDIT_BAD_RANGE:
            return -MP_EINVAL;
        default:
            return 0;
    }
}

static int guard(uint64_t va, uint64_t size, uint64_t pa, bool writable, const char **why) {
    if (irq_depth != 0) {
        *why = "not in an interrupt handler";
        return -MP_EPERM;
    }
    if (postmortem_active) {
        *why = "after a panic nothing is changed";
        return -MP_EROFS;
    }
    if (smp_busy() && (va < MMU_SPACES || va >= MMU_HIGH)) { // they use the kernel's tables
        *why = "another CPU works, and would see it half done";
        return -MP_EBUSY;
    }
    return mmu_guard(va, size, pa, writable, why);
}

static uint64_t *root_for(uint64_t *root, uint64_t va) {
    return va >= MMU_HIGH ? mmu_high_root() : root;
}

int mmu_map(uint64_t *root, uint64_t va, uint64_t pa, uint64_t size, unsigned mt, unsigned flags,
            const char **why) {
    int r = guard(va, size, pa, (flags & PT_W) != 0, why);
    if (r != 0) {
        return r;
    }
    uint64_t bits = pt_leaf_bits(mt, flags);
    if (va >= MMU_SPACES && va < MMU_HIGH) {
        bits |= DESC_NG; // this address space's own
    }
    return result(ptedit_map(&ops, root_for(root, va), va, pa, size, bits), why);
}

int mmu_unmap(uint64_t *root, uint64_t va, uint64_t size, const char **why) {
    int r = guard(va, size, ~0ull, false, why);
    return r != 0 ? r : result(ptedit_unmap(&ops, root_for(root, va), va, size), why);
}

// What was mapped for reading only may be what must not be written.
static int guard_writable(const uint64_t *root, uint64_t va, uint64_t size, const char **why) {
    uint64_t half = va >= MMU_HIGH ? MMU_HIGH : 0, done = 0;
    ptregion_t region;
    int r = 0;
    while (r == 0 && done < size && ptwalk_region(root, half, va + done, &region) &&
           region.va - va < size) {
        uint64_t left = size - (region.va - va), n = region.size < left ? region.size : left;
        r = mmu_guard_alias(region.pa, n, why);
        done = region.va - va + n;
    }
    return r;
}

int mmu_protect(uint64_t *root, uint64_t va, uint64_t size, uint64_t clear, uint64_t set,
                const char **why) {
    int r = guard(va, size, ~0ull, false, why);
    if (r == 0 && (clear & DESC_AP_RO) != 0) {
        r = guard_writable(root_for(root, va), va, size, why);
    }
    return r != 0 ? r : result(ptedit_protect(&ops, root_for(root, va), va, size, clear, set), why);
}

uint64_t *mmu_root_new(void) {
    if (!mmutables_reserve(1)) {
        return NULL;
    }
    uint64_t *root = mmutables_new();
    for (unsigned i = 0; i < PT_INDEX(MMU_SPACES, 0); i++) {
        root[i] = mmu_kernel_root()[i];
    }
    dsb_ishst(); // the table before TTBR0 names it
    return root;
}

void mmu_root_free(uint64_t *root) {
    for (unsigned i = 0; i < PT_INDEX(MMU_SPACES, 0); i++) {
        root[i] = 0; // not ours to free
    }
    ptedit_free(&ops, root, 0);
    mmutables_trim();
}
