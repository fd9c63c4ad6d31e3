// SPDX-License-Identifier: MIT
// ASIDs are handed out in order.  When all of a generation are out, the TLB is emptied once and the next generation
// begins; a space whose ASID is of an older one gets another when it is next switched to.

#include "mmuspace.h"

#include <stddef.h>

#include "hw.h"
#include "io.h"
#include "mmu.h"
#include "smp.h"
#include "softreset.h"
#include "tlb.h"

static mmu_space_t *current; // NULL: the kernel's
static uint64_t generation = 1;
static uint32_t next_asid = 1; // 0 is the kernel's
static uint32_t life;

unsigned mmu_asid_count(void) {
    return hw.tcr & TCR_AS ? 65536 : 256;
}

// TCR_EL1.A1 is 0: TTBR0 holds the ASID.
static void load(const uint64_t *root, unsigned asid) {
    sysreg_write(ttbr0_el1, (uintptr_t)root | TLB_ASID(asid));
    isb(); // the walks from here on use it
}

void mmu_space_switch(mmu_space_t *s) {
    if (s == NULL) {
        load(mmu_kernel_root(), 0);
    } else {
        if (s->generation != generation) {
            if (next_asid == mmu_asid_count()) {
                load(mmu_kernel_root(), 0); // no walk tags anything with an old ASID from here on
                tlb_flush_all();
                generation++;
                next_asid = 1;
            }
            s->asid = next_asid++;
            s->generation = generation;
        }
        load(s->root, s->asid);
    }
    current = s;
}

mmu_space_t *mmu_space_current(void) {
    return current;
}

unsigned mmu_space_asid(const mmu_space_t *s) {
    return s->generation == generation ? s->asid : 0;
}

bool mmu_space_open(mmu_space_t *s) {
    s->root = mmu_root_new();
    s->generation = 0;
    s->asid = 0;
    s->life = life;
    return s->root != NULL;
}

bool mmu_space_is_open(const mmu_space_t *s) {
    return s->root != NULL && s->life == life;
}

void mmu_space_close(mmu_space_t *s) {
    if (!mmu_space_is_open(s)) {
        return;
    }
    if (current == s) {
        mmu_space_switch(NULL);
    }
    if (mmu_space_asid(s) != 0) {
        tlb_flush_asid(s->asid); // no cached walk leads into the tables that are freed now
    }
    mmu_root_free(s->root);
    s->root = NULL;
}

void mmu_spaces_reset(void) {
    smp_quiesce(); // before blocks are broken that the others may be using
    mmu_space_switch(NULL);
    life++; // finalisers run later: their tables are gone by then
    mmu_restore();
}
SOFTRESET(mmu_spaces_reset);
