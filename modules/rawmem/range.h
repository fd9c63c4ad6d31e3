// SPDX-License-Identifier: MIT
// The argument pair (address or buffer, length) of functions that work on ranges.

#ifndef PYRALLAX_RAWMEM_RANGE_H
#define PYRALLAX_RAWMEM_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memtest.h"
#include "py/obj.h"

typedef struct {
    uintptr_t addr;
    size_t size;
    unsigned bytes; // of one element; 0: as suits
    bool normal;    // memory, not a device
} range_t;

#define RANGE_READ 0
#define RANGE_WRITE 1 // refuse what belongs to the firmware
#define RANGE_FORCE 2 // write, whatever is there

// An address that was given as an int.  Raises ValueError, TypeError.
uintptr_t range_address(mp_obj_t where);
// where: address, or object with the buffer protocol; n: bytes, None for all of a buffer; width: 8, 16, 32, 64, or
// 0.  Raises ValueError, TypeError, OSError(EPERM).
range_t range_get(mp_obj_t where, mp_obj_t n, mp_int_t width, int access);

// A memory test's end for Python: None, or (address, wrote, read, part) of the first bad word.
mp_obj_t range_memtest_result(memtest_end_t end, const memtest_bad_t *bad);

#endif
