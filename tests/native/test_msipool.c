// SPDX-License-Identifier: MIT
// sources: ports/aarch64-parallels/msipool.c
// area: probe
// Runs of message numbers: alignment, fragments, exhaustion.
#include "../../ports/aarch64-parallels/msipool.h"
#include "check.h"

#include <errno.h>

static msipool_t parallels(void) {
    return (msipool_t) {.base = 53, .count = 64};
}

TEST(single_numbers_fill_the_range) {
    msipool_t p = parallels();
    for (int i = 0; i < 64; i++) {
        CHECK_EQ(msipool_take(&p, 1, NULL), 53 + i);
    }
    CHECK_EQ(msipool_take(&p, 1, NULL), -ENOSPC);
    CHECK_EQ(p.used, 64);
    msipool_give(&p, 60, 1);
    CHECK_EQ(msipool_take(&p, 1, NULL), 60);
}

TEST(the_number_is_aligned_not_its_place) {
    msipool_t p = parallels();
    CHECK_EQ(msipool_take(&p, 2, NULL), 54);
    CHECK_EQ(msipool_take(&p, 3, NULL), 56); // like four
    CHECK_EQ(msipool_take(&p, 8, NULL), 64);
    CHECK_EQ(msipool_take(&p, 32, NULL), -ENOSPC); // 64 to 95 is broken, 96 to 127 is not whole
    CHECK_EQ(msipool_take(&p, 1, NULL), 53);
    CHECK_EQ(msipool_take(&p, 1, NULL), 59); // what three left of four
}

TEST(more_than_msi_can_have_needs_no_alignment) {
    msipool_t p = parallels();
    CHECK_EQ(msipool_take(&p, 1, NULL), 53);
    CHECK_EQ(msipool_take(&p, 33, NULL), 54);
    CHECK_EQ(msipool_take(&p, 31, NULL), -ENOSPC);
}

TEST(refusals) {
    msipool_t p = parallels();
    CHECK_EQ(msipool_take(&p, 0, NULL), -EINVAL);
    CHECK_EQ(msipool_take(&p, 65, NULL), -ENOSPC);
    CHECK_EQ(msipool_take(&p, ~0u, NULL), -ENOSPC);
    CHECK_EQ(p.used, 0);
    msipool_t none = {.base = 53};
    CHECK_EQ(msipool_take(&none, 1, NULL), -ENOSPC);
}

static int odd_is_busy(uint32_t n) {
    return n & 1;
}

TEST(numbers_that_others_hold_are_left_out) {
    msipool_t p = parallels();
    CHECK_EQ(msipool_take(&p, 1, odd_is_busy), 54);
    CHECK_EQ(msipool_take(&p, 1, odd_is_busy), 56);
    CHECK_EQ(msipool_take(&p, 2, odd_is_busy), -ENOSPC);
}

TEST(giving_twice_or_what_is_not_ours_changes_nothing) {
    msipool_t p = parallels();
    CHECK_EQ(msipool_take(&p, 4, NULL), 56);
    msipool_give(&p, 56, 4);
    msipool_give(&p, 56, 4);
    CHECK_EQ(p.used, 0);
    msipool_give(&p, 116, 100);
    msipool_give(&p, 10, 3);
    CHECK_EQ(p.used, 0);
    CHECK(!msipool_holds(&p, 56) && !msipool_holds(&p, 0) && !msipool_holds(&p, 5000));
}

TEST(random_use_against_a_plain_model) {
    msipool_t p = {.base = 8192, .count = 512};
    uint8_t model[512] = {0};
    struct {
        uint32_t first, count;
    } live[600];
    uint32_t n = 0, seed = 1;
    for (int turn = 0; turn < 20000; turn++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t count = (seed >> 16) % 40 + 1;
        if (n != 0 && seed >> 30 == 0) {
            uint32_t i = (seed >> 8) % n;
            msipool_give(&p, live[i].first, live[i].count);
            memset(model + (live[i].first - 8192), 0, live[i].count);
            live[i] = live[--n];
            continue;
        }
        int64_t first = msipool_take(&p, count, NULL);
        if (first >= 0) {
            uint32_t at = (uint32_t)first - 8192;
            CHECK(at + count <= 512);
            for (uint32_t i = 0; i < count; i++) {
                CHECK(model[at + i] == 0 && msipool_holds(&p, (uint32_t)first + i));
                model[at + i] = 1;
            }
            live[n].first = (uint32_t)first;
            live[n++].count = count;
        } else if (n != 0) {
            n--;
            msipool_give(&p, live[n].first, live[n].count);
            memset(model + (live[n].first - 8192), 0, live[n].count);
        }
        uint32_t used = 0;
        for (int i = 0; i < 512; i++) {
            used += model[i];
        }
        CHECK_EQ(p.used, used);
    }
}
