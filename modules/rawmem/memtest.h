// SPDX-License-Identifier: MIT
// Memory test: fixed patterns, address in address, march.  Also compiles on the host.

#ifndef PYRALLAX_RAWMEM_MEMTEST_H
#define PYRALLAX_RAWMEM_MEMTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    MEMTEST_PASSED,
    MEMTEST_STOPPED, // poll said so
    MEMTEST_PATTERN, // the parts of the test that can fail
    MEMTEST_ADDRESS,
    MEMTEST_MARCH,
} memtest_end_t;

typedef struct {
    uint64_t addr; // the first word that read back wrong
    uint64_t wrote;
    uint64_t read;
} memtest_bad_t;

// Asked every MEMTEST_STEP bytes; false ends the test.
typedef bool (*memtest_poll_t)(void *arg);
#define MEMTEST_STEP 0x10000

// Destroys what was there.  p is aligned to 8, n a multiple of 8.
memtest_end_t memtest_run(uint64_t *p, size_t n, uint64_t passes, memtest_poll_t poll, void *arg,
                          memtest_bad_t *bad);

#endif
