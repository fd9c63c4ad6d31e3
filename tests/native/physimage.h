// SPDX-License-Identifier: MIT
// A piece of physical memory for parsers under test.  Each window is a block of its own, so that the
// sanitizer sees every byte read beyond it.  Shared with the fuzzers.

#ifndef PYRALLAX_TESTS_PHYSIMAGE_H
#define PYRALLAX_TESTS_PHYSIMAGE_H

#include <stdlib.h>
#include <string.h>

#include "../../boot/win.h"

#define PHYS_BASE 0x40000000ull
#define PHYS_WINDOWS 4096

typedef struct {
    const uint8_t *data;
    size_t len;
    void *windows[PHYS_WINDOWS];
    size_t count;
} physimage_t;

static const void *physimage_map(void *ctx, uint64_t phys, uint64_t len) {
    physimage_t *image = ctx;
    if (phys < PHYS_BASE || phys - PHYS_BASE > image->len ||
        len > image->len - (phys - PHYS_BASE) || image->count == PHYS_WINDOWS || len == 0) {
        return NULL;
    }
    void *copy = malloc(len);
    memcpy(copy, image->data + (phys - PHYS_BASE), len);
    image->windows[image->count++] = copy;
    return copy;
}

static inline void physimage_free(physimage_t *image) {
    while (image->count > 0) {
        free(image->windows[--image->count]);
    }
}

#endif
