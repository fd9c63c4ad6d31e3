// SPDX-License-Identifier: MIT
// sources: ports/aarch64-parallels/irqstorm.c
// area: probe
// When the storm breaker acts, and for whom it does not.
#include "../../ports/aarch64-parallels/irqstorm.h"
#include "check.h"

#define HZ 24000000ull // Parallels
#define US (HZ / 1000000)
#define MS (HZ / 1000)

static irqstorm_t load;
static irqstorm_window_t a, b;

// Interrupts of one line, each `spent` long and `gap` after the last, until `end`; µs when it was called a storm, or 0.
static uint64_t fire(irqstorm_window_t *w, uint64_t from, uint64_t end, uint64_t spent,
                     uint64_t gap) {
    for (uint64_t now = from; now < end; now += gap) {
        now += spent;
        if (irqstorm_taken(&load, w, now, spent, HZ)) {
            return (now - from) / US;
        }
    }
    return 0;
}

TEST(a_line_that_never_ends_is_one) {
    uint64_t start = 1000 * HZ; // the line was idle for long: its window is stale
    uint64_t us = fire(&a, start, start + 10 * HZ, 2 * US, 0);
    CHECK(us >= 500000 && us <= 510000);
}

TEST(so_are_few_long_handlers) {
    uint64_t us = fire(&a, HZ, 20 * HZ, 8 * MS, US);
    CHECK(us >= 500000 && us <= 1100000);
}

TEST(a_busy_line_is_none) {
    CHECK_EQ(fire(&a, HZ, 20 * HZ, 9 * US, US), 0); // 90 %, 100,000 a second
}

TEST(a_host_that_stops_the_machine_is_none) {
    uint64_t now = HZ;
    for (int i = 0; i < 40; i++) {
        CHECK(!irqstorm_taken(&load, &a, now += MS, US, HZ));
    }
    CHECK(!irqstorm_taken(&load, &a, now += 2 * HZ, 2 * HZ, HZ)); // suspended in the handler
    CHECK(!irqstorm_taken(&load, &a, now += 2 * HZ, 2 * HZ, HZ));
}

TEST(one_long_handler_is_none) {
    uint64_t now = HZ;
    for (int i = 0; i < 15; i++) {
        CHECK(!irqstorm_taken(&load, &a, now += 40 * MS, 40 * MS, HZ));
    }
}

TEST(two_storms_share_the_blame) {
    int hits = 0;
    for (uint64_t now = HZ; now < 4 * HZ && hits < 2;) {
        hits += irqstorm_taken(&load, &a, now += US, US, HZ);
        hits += irqstorm_taken(&load, &b, now += US, US, HZ);
    }
    CHECK_EQ(hits, 2);
}

TEST(a_rare_line_in_another_ones_storm_is_innocent) {
    for (uint64_t now = HZ; now < 4 * HZ;) {
        for (int i = 0; i < 100; i++) {
            irqstorm_taken(&load, &a, now += US, US, HZ);
        }
        CHECK(!irqstorm_taken(&load, &b, now += US, US, HZ));
    }
}

TEST(a_level_line_that_stays_raised) {
    irqstorm_row_t r = {0};
    uint64_t now = HZ;
    int at = 0;
    for (int i = 1; i <= 20000 && !at; i++) {
        at = irqstorm_returned(&r, true, 7, now += 100 * US, HZ) ? i : 0;
    }
    CHECK_EQ(at, 10000); // a second
    memset(&r, 0, sizeof(r));
    for (int i = 1; i <= 10100; i++) { // 10 ms: many, but not for long
        CHECK(!irqstorm_returned(&r, true, 7, now += US, HZ));
    }
}

TEST(seen_released_or_idle_begins_anew) {
    irqstorm_row_t r = {0};
    uint64_t now = HZ;
    for (int i = 0; i < 30000; i++) {
        CHECK(!irqstorm_returned(&r, i % 9999 != 0, 7, now += 100 * US, HZ));
    }
    for (int i = 0; i < 30000; i++) {
        CHECK(!irqstorm_returned(&r, true, (uint32_t)i / 9000, now += 100 * US, HZ));
    }
}
