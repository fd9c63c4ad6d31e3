// SPDX-License-Identifier: MIT
// sources:
#include "../../ports/aarch64-parallels/gcscan.h"

#include <stdbool.h>

#include "check.h"

static uint8_t table[64];

// The loop of gc_alloc(): block where the first run of `need` free ones ends, -1 none.
static long search(size_t len, size_t from, size_t need, bool hook) {
    size_t run = 0;
    for (size_t i = from; i < len; i++) {
        if (hook) {
            i = gcscan(table, len, i, &run, need);
        }
        for (size_t k = 0; k < 4; k++) {
            run = table[i] >> 2 * k & 3 ? 0 : run + 1;
            if (run == need) {
                return (long)(4 * i + k);
            }
        }
    }
    return -1;
}

TEST(finds_what_every_byte_would) {
    srand(1);
    for (int n = 0; n < 300000; n++) {
        size_t len = 1 + (size_t)rand() % sizeof(table);
        int taken = rand() % 100;
        memset(table, 0, sizeof(table));
        for (size_t at = 0; at < 4 * len; at++) {
            table[at / 4] |= (uint8_t)((rand() % 100 < taken ? 1 + rand() % 3 : 0) << 2 * (at % 4));
        }
        if (n % 3 == 0) { // a run over several words
            size_t first = (size_t)rand() % len;
            memset(table + first, 0, (len - first) / 2);
        }
        size_t from = (size_t)rand() % len;
        size_t need = 1 + (size_t)rand() % (n % 2 ? 4 : 100);
        CHECK_EQ(search(len, from, need, true), search(len, from, need, false));
    }
}

TEST(passes_what_is_taken_at_once) {
    size_t run = 3;
    memset(table, 0xaa, sizeof(table));
    CHECK_EQ(gcscan(table, sizeof(table), 0, &run, 5), 56); // the caller looks at the last word
    CHECK_EQ(run, 0);
}
