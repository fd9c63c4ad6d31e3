// SPDX-License-Identifier: MIT
// Read translation tables.  Compiles on the host.

#ifndef PYRALLAX_PTWALK_H
#define PYRALLAX_PTWALK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const uint64_t *entry;
    uint64_t desc;
} ptstep_t;

// The descriptors that translate va, from level 0 on; root is that of va's half.  Returns how many (1..4): the last
// is a block, a page or invalid.  va in neither half: 0.
int ptwalk(const uint64_t *root, uint64_t va, ptstep_t steps[4]);

// The last of n descriptors, less the rights that tables above it take away (Arm ARM D8.4.1).
uint64_t ptwalk_leaf(const ptstep_t *steps, int n);

// A piece of the address space in which VA - PA and all attributes are the same.
typedef struct {
    uint64_t va, pa, size;
    uint64_t bits; // as pt_leaf_bits(), the kind of table entry left out
} ptregion_t;

// Fill *r with the first region at or above va; root maps the half that begins at `half`.  False when there is none.
bool ptwalk_region(const uint64_t *root, uint64_t half, uint64_t va, ptregion_t *r);

#endif
