// SPDX-License-Identifier: MIT
// The translation tables in use.

#ifndef PYRALLAX_MMU_H
#define PYRALLAX_MMU_H

#include <stdint.h>

// Take the entry page out of the identity map: nothing executable or image-backed stays there.
void mmu_init(void);

// Physical address of an address in the image or the identity map.
uint64_t mmu_phys(const void *p);

#endif
