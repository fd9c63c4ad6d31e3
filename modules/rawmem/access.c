// SPDX-License-Identifier: MIT
// Element-wise moves.  Each access is one LDR or STR of its width (io.h says why that matters).

#include "access.h"

#include <string.h>

#include "io.h"

#define MOVERS(bits)                                                                               \
    static void load##bits(uint8_t *to, uintptr_t addr, size_t n, bool normal) {                   \
        for (size_t i = 0; i < n; i += bits / 8) {                                                 \
            uint##bits##_t v = normal ? io_read##bits(addr + i) :                                  \
                                        (uint##bits##_t)io_guarded_read##bits(addr + i);           \
            memcpy(to + i, &v, sizeof(v));                                                         \
        }                                                                                          \
    }                                                                                              \
    static void store##bits(uintptr_t addr, const uint8_t *from, size_t n, bool normal) {          \
        for (size_t i = 0; i < n; i += bits / 8) {                                                 \
            uint##bits##_t v;                                                                      \
            memcpy(&v, from + i, sizeof(v));                                                       \
            if (normal) {                                                                          \
                io_write##bits(addr + i, v);                                                       \
            } else {                                                                               \
                io_guarded_write##bits(addr + i, v);                                               \
            }                                                                                      \
        }                                                                                          \
    }

MOVERS(8)
MOVERS(16)
MOVERS(32)
MOVERS(64)

static size_t at_most(size_t a, size_t b) {
    return a < b ? a : b;
}

void access_load(void *to, uintptr_t addr, size_t n, unsigned bytes, bool normal) {
    uint8_t *p = to;
    switch (bytes) {
        case 0:
            if (normal) {
                size_t head = at_most(-addr & 7, n), middle = (n - head) & ~(size_t)7;
                load8(p, addr, head, true);
                load64(p + head, addr + head, middle, true);
                p += head + middle;
                addr += head + middle;
                n -= head + middle;
            }
            load8(p, addr, n, normal);
            break;
        case 1:
            load8(p, addr, n, normal);
            break;
        case 2:
            load16(p, addr, n, normal);
            break;
        case 4:
            load32(p, addr, n, normal);
            break;
        default:
            load64(p, addr, n, normal);
            break;
    }
}

void access_store(uintptr_t addr, const void *from, size_t n, unsigned bytes, bool normal) {
    const uint8_t *p = from;
    switch (bytes) {
        case 0:
            if (normal) {
                size_t head = at_most(-addr & 7, n), middle = (n - head) & ~(size_t)7;
                store8(addr, p, head, true);
                store64(addr + head, p + head, middle, true);
                p += head + middle;
                addr += head + middle;
                n -= head + middle;
            }
            store8(addr, p, n, normal);
            break;
        case 1:
            store8(addr, p, n, normal);
            break;
        case 2:
            store16(addr, p, n, normal);
            break;
        case 4:
            store32(addr, p, n, normal);
            break;
        default:
            store64(addr, p, n, normal);
            break;
    }
}
