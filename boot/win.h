// SPDX-License-Identifier: MIT
// A window on bytes that somebody else wrote.  Reads outside of it give 0, so that a parser which forgets
// a check is wrong but never out of bounds.

#ifndef PYRALLAX_BOOT_WIN_H
#define PYRALLAX_BOOT_WIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *p;
    size_t len;
} win_t;

// How a parser reaches physical memory: a pointer to len readable bytes at phys, or NULL.
typedef struct {
    const void *(*map)(void *ctx, uint64_t phys, uint64_t len);
    void *ctx;
} physmem_t;

static inline bool win_has(win_t w, size_t off, size_t len) {
    return off <= w.len && w.len - off >= len;
}

// Empty when [off, off + len) is not inside w.
static inline win_t win_sub(win_t w, size_t off, size_t len) {
    if (!win_has(w, off, len)) {
        return (win_t) {NULL, 0};
    }
    return (win_t) {w.p + off, len};
}

#define WIN_READER(name, type)                                                                     \
    static inline type name(win_t w, size_t off) {                                                 \
        type v = 0;                                                                                \
        if (win_has(w, off, sizeof(v))) {                                                          \
            __builtin_memcpy(&v, w.p + off, sizeof(v));                                            \
        }                                                                                          \
        return v;                                                                                  \
    }

WIN_READER(win_u8, uint8_t)
WIN_READER(win_u16, uint16_t)
WIN_READER(win_u32, uint32_t)
WIN_READER(win_u64, uint64_t)

static inline bool win_equal(win_t w, size_t off, const char *text, size_t len) {
    return win_has(w, off, len) && __builtin_memcmp(w.p + off, text, len) == 0;
}

// Sum of all bytes, modulo 256.
static inline uint8_t win_sum(win_t w) {
    uint8_t sum = 0;
    for (size_t i = 0; i < w.len; i++) {
        sum = (uint8_t)(sum + w.p[i]);
    }
    return sum;
}

static inline win_t win_map(const physmem_t *mem, uint64_t phys, uint64_t len) {
    const void *p = mem->map(mem->ctx, phys, len);
    if (p == NULL) {
        return (win_t) {NULL, 0};
    }
    return (win_t) {p, (size_t)len};
}

#endif
