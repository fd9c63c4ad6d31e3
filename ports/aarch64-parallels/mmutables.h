// SPDX-License-Identifier: MIT
// Memory of the translation tables that are made after the boot, in free RAM (VA == PA).

#ifndef PYRALLAX_MMUTABLES_H
#define PYRALLAX_MMUTABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Make n calls of mmutables_new succeed.  False: not enough memory, nothing taken.
bool mmutables_reserve(size_t n);
uint64_t *mmutables_new(void); // cleared; NULL when nothing is reserved
void mmutables_free(uint64_t *table);
bool mmutables_owned(const uint64_t *table);
// Whether a table lies in a range of physical memory.
bool mmutables_in(uint64_t pa, uint64_t size);
// Give memory that holds no table back, at the end of a change.
void mmutables_trim(void);
// Forget all tables.
void mmutables_reset(void);
size_t mmutables_used(void);

#endif
