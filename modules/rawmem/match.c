// SPDX-License-Identifier: MIT
// Search with a mask and an alignment.

#include "match.h"

#include <stdbool.h>

static bool hit(const match_t *m, const uint8_t *hay) {
    for (size_t i = 0; i < m->len; i++) {
        uint8_t differs = hay[i] ^ m->bytes[i];
        if ((m->mask == NULL ? differs : differs & m->mask[i]) != 0) {
            return false;
        }
    }
    return true;
}

size_t match_find(const match_t *m, const uint8_t *hay, size_t n, uint64_t addr) {
    uint64_t over = addr % m->align, first = over == 0 ? 0 : m->align - over;
    for (uint64_t i = first; i < n && m->len <= n - i; i += m->align) {
        if (hit(m, hay + i)) {
            return i;
        }
    }
    return n;
}
