// SPDX-License-Identifier: MIT
// Bitmaps and blocks of pointers.

#include "ext2c.h"

size_t ext2c_free_run(const uint8_t *map, size_t start, size_t end, size_t most, size_t *first) {
    for (size_t at = start; at < end; at++) {
        if (at % 8 == 0 && map[at / 8] == 0xff) {
            at += 7;
            continue;
        }
        if (!(map[at / 8] >> at % 8 & 1)) {
            size_t n = 1;
            while (n < most && at + n < end && !(map[(at + n) / 8] >> (at + n) % 8 & 1)) {
                n++;
            }
            *first = at;
            return n;
        }
    }
    return 0;
}

size_t ext2c_set_bits(uint8_t *map, size_t start, size_t n, int value) {
    size_t changed = 0;
    for (size_t at = start; at < start + n; at++) {
        uint8_t bit = (uint8_t)(1u << at % 8);
        if (((map[at / 8] & bit) != 0) != value) {
            map[at / 8] ^= bit;
            changed++;
        }
    }
    return changed;
}

size_t ext2c_run(const uint8_t *words, size_t limit) {
    uint32_t first = ext2c_le32(words);
    uint32_t step = first != 0;
    size_t n = 1;
    while (n < limit && ext2c_le32(words + 4 * n) == first + step * n) {
        n++;
    }
    return n;
}

void ext2c_put_run(uint8_t *words, size_t n, uint32_t first) {
    for (size_t i = 0; i < n; i++, words += 4) {
        uint32_t v = first == 0 ? 0 : first + (uint32_t)i;
        words[0] = (uint8_t)v;
        words[1] = (uint8_t)(v >> 8);
        words[2] = (uint8_t)(v >> 16);
        words[3] = (uint8_t)(v >> 24);
    }
}
