// SPDX-License-Identifier: MIT
// sources: modules/rawmem/match.c
// area: probe
#include "../../modules/rawmem/match.h"

#include <stdbool.h>

#include "check.h"

static size_t find(const char *pattern, const char *mask, uint64_t align, const char *hay, size_t n,
                   uint64_t addr) {
    match_t m = {(const uint8_t *)pattern, (const uint8_t *)mask, strlen(pattern), align};
    return match_find(&m, (const uint8_t *)hay, n, addr);
}

TEST(plain) {
    CHECK_EQ(find("lo", NULL, 1, "hello, lo", 9, 0), 3);
    CHECK_EQ(find("xo", NULL, 1, "hello, lo", 9, 0), 9);
    CHECK_EQ(find("hello, lo", NULL, 1, "hello, lo", 9, 0), 0);
    CHECK_EQ(find("hello", NULL, 1, "hell", 4, 0), 4);
    CHECK_EQ(find("h", NULL, 1, "", 0, 5), 0);
    CHECK_EQ(find("aab", NULL, 1, "aaaab", 5, 0), 2);
}

TEST(mask) {
    CHECK_EQ(find("abc", "\xff\xdf\xff", 1, "..aBc", 5, 0), 2);
    CHECK_EQ(find("abc", "\xff\xff\xff", 1, "..aBc", 5, 0), 5);
}

TEST(alignment_is_of_the_address) {
    CHECK_EQ(find("a", NULL, 4, "aaaaaaaa", 8, 0x1001), 3);
    CHECK_EQ(find("a", NULL, 4, "aaaaaaaa", 8, 0x1000), 0);
    CHECK_EQ(find("a", NULL, 4, "aa", 2, 0x1001), 2);
    CHECK_EQ(find("a", NULL, 1ull << 40, "aa", 2, 0x1001), 2);
    CHECK_EQ(find("a", NULL, ~0ull, "aa", 2, 1), 2);
}

// Against every position by hand, over all alignments, with the buffer's end under ASan.
TEST(against_the_obvious_way) {
    for (unsigned seed = 1; seed < 200; seed++) {
        size_t n = seed % 37, len = 1 + seed % 4;
        uint8_t pattern[4], mask[4];
        uint8_t *tight = malloc(n == 0 ? 1 : n);
        for (size_t i = 0; i < n; i++) {
            tight[i] = (uint8_t)(seed * (i + 3) / 5 % 3);
        }
        for (size_t i = 0; i < 4; i++) {
            pattern[i] = (uint8_t)(seed / (i + 1) % 3);
            mask[i] = (uint8_t)(1 + seed % 3);
        }
        uint64_t align = 1 + seed % 5, addr = seed * 13;
        size_t expect = n;
        for (size_t i = 0; i + len <= n && expect == n; i++) {
            bool same = (addr + i) % align == 0;
            for (size_t j = 0; j < len; j++) {
                same = same && ((tight[i + j] ^ pattern[j]) & mask[j]) == 0;
            }
            expect = same ? i : n;
        }
        match_t m = {pattern, mask, len, align};
        CHECK_EQ(match_find(&m, tight, n, addr), expect);
        free(tight);
    }
}
