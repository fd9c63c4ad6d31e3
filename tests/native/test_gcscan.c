// SPDX-License-Identifier: MIT
// sources:
#include "../../ports/aarch64-parallels/gcscan.h"

#include <stdbool.h>

#include "check.h"

static _Alignas(8) uint8_t table[64];

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

unsigned gcscan_collections;

static gcscan_hint_t hints[GCSCAN_HINTS];
static const int areas[2];

// The search of gc_alloc() with hints, taken when found: first block, -1 none.
static long take(size_t low, size_t need) {
    size_t run = 0;
    for (size_t i = low; i < sizeof(table); i++) {
        i = gcscan_from(hints, areas, table, sizeof(table), low, i, &run, need);
        for (size_t k = 0; k < 4; k++) {
            run = table[i] >> 2 * k & 3 ? 0 : run + 1;
            if (run == need) {
                size_t first = 4 * i + k + 1 - need;
                for (size_t at = first; at < first + need; at++) {
                    table[at / 4] |= (uint8_t)(2u << 2 * (at % 4));
                }
                return (long)first;
            }
        }
    }
    return -1;
}

TEST(goes_on_where_it_left) {
    memset(table, 0, sizeof(table));
    memset(hints, 0, sizeof(hints));
    for (long n = 0; n < 32; n++) {
        CHECK_EQ(take(0, 8), 8 * n);
    }
    CHECK_EQ(take(0, 8), -1);
    gcscan_hint_t *hint = gcscan_hint(hints, 8);
    CHECK(hint->at > 48);
    CHECK_EQ(gcscan_begin(hint, areas, sizeof(table), 3), hint->at);
    // What was freed before is found once the lowest free block is lower, in another area, and after some searches.
    CHECK_EQ(gcscan_begin(hint, areas, sizeof(table), 2), 2);
    hint->at = 60;
    CHECK_EQ(gcscan_begin(hint, areas + 1, sizeof(table), 2), 2);
    hint->at = 60;
    for (int n = 0; n < GCSCAN_USES; n++) {
        CHECK_EQ(gcscan_begin(hint, areas + 1, sizeof(table), 2), 60);
    }
    CHECK_EQ(gcscan_begin(hint, areas + 1, sizeof(table), 2), 2);
}

TEST(forgets_at_a_collection) {
    memset(table, 0, sizeof(table));
    memset(hints, 0, sizeof(hints));
    while (take(0, 8) >= 0) {
    }
    memset(table, 0, sizeof(table)); // the lowest free block was 0, and is again
    gcscan_collections++;
    CHECK_EQ(take(0, 8), 0);
}

TEST(takes_only_what_is_free) {
    srand(2);
    for (int n = 0; n < 20000; n++) {
        memset(table, 0, sizeof(table));
        memset(hints, 0, sizeof(hints));
        size_t taken = 0, left = 4 * sizeof(table);
        for (int k = 0; k < 40; k++) {
            size_t need = 1 + (size_t)rand() % 12;
            taken += take(0, need) >= 0 ? need : 0;
        }
        for (size_t at = 0; at < 4 * sizeof(table); at++) {
            left -= (table[at / 4] >> 2 * (at % 4) & 3) != 0;
        }
        CHECK_EQ(left, 4 * sizeof(table) - taken);
    }
}
