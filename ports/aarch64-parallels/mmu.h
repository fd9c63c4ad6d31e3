// SPDX-License-Identifier: MIT
// The translation tables in use.

#ifndef PYRALLAX_MMU_H
#define PYRALLAX_MMU_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/ptdesc.h"

#define TCR_AS (1ull << 36) // 16-bit ASIDs

// Take the entry page out of the identity map: nothing executable or image-backed stays there.  16-bit ASIDs where the
// CPU has them.
void mmu_init(void);

// Physical address of an address in the image or the identity map.
uint64_t mmu_phys(const void *p);

// Below this VA == PA for everybody; from here on in the low half each address space has its own.
#define MMU_SPACES IDENTITY_END
// Begin of the high half.
#define MMU_HIGH 0xffff000000000000ull

// Change what root (a TTBR0 table; TTBR1's is the same for all) maps, live: every CPU sees it on return.
// 0 or -errno, and then nothing has changed; *why says more.  EINVAL: misaligned, empty, or not inside one half;
// EBUSY: in use by the kernel; EPERM: page 0, a writable alias of kernel memory, or called by an interrupt handler;
// ENOMEM: no memory for tables; EFAULT (protect): something there is not mapped.
// mt, flags: boot/pagetables.h.
int mmu_map(uint64_t *root, uint64_t va, uint64_t pa, uint64_t size, unsigned mt, unsigned flags,
            const char **why);
int mmu_unmap(uint64_t *root, uint64_t va, uint64_t size, const char **why);
// Change these bits of the descriptors.
int mmu_protect(uint64_t *root, uint64_t va, uint64_t size, uint64_t clear, uint64_t set,
                const char **why);
// A new TTBR0 table that shares the identity map, or NULL; and the end of one that no CPU uses.
uint64_t *mmu_root_new(void);
void mmu_root_free(uint64_t *root);

// The kernel's own TTBR0 table, and TTBR1's.
uint64_t *mmu_kernel_root(void);
uint64_t *mmu_high_root(void);

// Undo all of the above: the tables are the boot's again.  No address space may be in use.
void mmu_restore(void);

// In mmuguard.c: whether a range may be mapped anew; pa ~0 where nothing is to be mapped there.
int mmu_guard(uint64_t va, uint64_t size, uint64_t pa, bool writable, const char **why);
// Whether physical memory may be mapped writable a second time.
int mmu_guard_alias(uint64_t pa, uint64_t size, const char **why);

#endif
