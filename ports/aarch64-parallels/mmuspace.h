// SPDX-License-Identifier: MIT
// Address spaces: a TTBR0 table each, told apart in the TLB by ASIDs.

#ifndef PYRALLAX_MMUSPACE_H
#define PYRALLAX_MMUSPACE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t *root;      // NULL: closed
    uint64_t generation; // of asid
    uint32_t asid;       // 0: none yet
    uint32_t life;       // between two soft resets
} mmu_space_t;

// False: no memory for the table.
bool mmu_space_open(mmu_space_t *s);
// Ends use of the space if it is the current one; frees its tables.  Harmless twice and after a soft reset.
void mmu_space_close(mmu_space_t *s);
bool mmu_space_is_open(const mmu_space_t *s);
// Make it the one that this CPU translates with.  NULL: the kernel's, ASID 0.
void mmu_space_switch(mmu_space_t *s);
// NULL: the kernel's.
mmu_space_t *mmu_space_current(void);
// The ASID that its TLB entries have, 0 while it has none.
unsigned mmu_space_asid(const mmu_space_t *s);
// Back to the kernel's, and all that was mapped since the boot undone.
void mmu_spaces_reset(void);
// Number of ASIDs of this CPU.
unsigned mmu_asid_count(void);

#endif
