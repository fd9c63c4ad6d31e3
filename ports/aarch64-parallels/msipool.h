// SPDX-License-Identifier: MIT
// Runs of interrupt numbers for messages.  Also built for the host.

#ifndef PYRALLAX_MSIPOOL_H
#define PYRALLAX_MSIPOOL_H

#include <stdint.h>

#define MSIPOOL_MAX 1024
// A function with plain MSI has at most this many vectors, and puts their index into the low bits of its data: the
// first must be aligned.
#define MSIPOOL_ALIGNED 32

typedef struct {
    uint32_t base;  // first number
    uint32_t count; // at most MSIPOOL_MAX
    uint32_t used;  // numbers handed out
    uint32_t map[MSIPOOL_MAX / 32];
} msipool_t;

// Returns nonzero for a number that somebody holds without having asked the pool.
typedef int (*msipool_busy_fn_t)(uint32_t number);

// count numbers in a row; those up to MSIPOOL_ALIGNED aligned to the next power of two.  The first, or -ENOSPC;
// -EINVAL for no count.  busy may be NULL.
int64_t msipool_take(msipool_t *p, uint32_t count, msipool_busy_fn_t busy);
void msipool_give(msipool_t *p, uint32_t first, uint32_t count);
int msipool_holds(const msipool_t *p, uint32_t number);

#endif
