// SPDX-License-Identifier: MIT
// Moves between a buffer and a range of addresses, element by element, ascending.

#ifndef PYRALLAX_RAWMEM_ACCESS_H
#define PYRALLAX_RAWMEM_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// bytes: size of each access, 1, 2, 4 or 8; addr and n are multiples of it.  0: as suits memory, single bytes
// elsewhere.  normal: the range is memory, so that an abort is synchronous; elsewhere each access completes before
// the next one.  A fault raises BusError.
void access_load(void *to, uintptr_t addr, size_t n, unsigned bytes, bool normal);
void access_store(uintptr_t addr, const void *from, size_t n, unsigned bytes, bool normal);

#endif
