// SPDX-License-Identifier: MIT
// sources: modules/rawmem/memtest.c
// area: probe
#include "../../modules/rawmem/memtest.h"

#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

#define N (3 * MEMTEST_STEP + 4096 + 8)

// What happens to the memory while it is tested: at poll number `at`, this word changes.
static struct {
    unsigned polls, at;
    uint64_t *word, flip;
    bool stop;
} during;

static bool poll(void *arg) {
    CHECK(arg == &during);
    during.polls++;
    if (during.at != 0 && during.polls == during.at) {
        *during.word ^= during.flip;
        return !during.stop;
    }
    return true;
}

static memtest_end_t run(uint64_t *p, size_t n, uint64_t passes, memtest_bad_t *bad) {
    during.polls = 0;
    return memtest_run(p, n, passes, poll, &during, bad);
}

TEST(good_memory_passes) {
    uint64_t *p = malloc(N); // ASan guards both ends
    memtest_bad_t bad = {1, 2, 3};
    memset(&during, 0, sizeof(during));
    CHECK_EQ(run(p, N, 3, &bad), MEMTEST_PASSED);
    CHECK_EQ(bad.addr, 1);
    CHECK_EQ(during.polls, 3 * 4 * (3 + 3 + 3 + 6));
    CHECK_EQ(run(p, 8, 9, &bad), MEMTEST_PASSED);
    CHECK_EQ(run(p, 0, 1, &bad), MEMTEST_PASSED);
    CHECK_EQ(run(p, 0, UINT64_MAX, &bad), MEMTEST_PASSED); // at once
    free(p);
}

TEST(more_passes_than_32_bits_count) {
    uint64_t word;
    memtest_bad_t bad;
    during.at = 20;
    during.word = &word;
    during.flip = 0;
    during.stop = true;
    CHECK_EQ(run(&word, 8, 1ull << 32, &bad), MEMTEST_STOPPED);
    memset(&during, 0, sizeof(during));
}

TEST(each_part_finds_a_flipped_bit) {
    static const struct {
        unsigned poll;
        memtest_end_t part;
    } cases[] = {
        {4, MEMTEST_PATTERN},  {8, MEMTEST_PATTERN}, {16, MEMTEST_PATTERN}, {28, MEMTEST_ADDRESS},
        {32, MEMTEST_ADDRESS}, {40, MEMTEST_MARCH},  {44, MEMTEST_MARCH},   {48, MEMTEST_MARCH},
        {52, MEMTEST_MARCH},   {56, MEMTEST_MARCH},
    };
    uint64_t *p = malloc(N);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t at = 0; at < N / 8; at += N / 8 - 1) { // first and last word
            during.at = cases[i].poll;
            during.word = &p[at];
            during.flip = 1ull << (i * 7);
            memtest_bad_t bad;
            CHECK_EQ(run(p, N, 1, &bad), cases[i].part);
            CHECK_EQ(bad.addr, (uintptr_t)&p[at]);
            CHECK_EQ(bad.wrote ^ bad.read, during.flip);
        }
    }
    free(p);
}

// The same pages twice (16 KiB: a page of any host): an address line that nobody decodes.
TEST(a_dead_address_line_is_found) {
    FILE *stream = tmpfile();
    int file = fileno(stream);
    CHECK_EQ(ftruncate(file, 16384), 0);
    uint8_t *p = mmap(NULL, 32768, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 2; i++) {
        CHECK(mmap(p + i * 16384, 16384, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) !=
              MAP_FAILED);
    }
    memset(&during, 0, sizeof(during));
    memtest_bad_t bad;
    CHECK(run((uint64_t *)(void *)p, 32768, 1, &bad) != MEMTEST_PASSED);
    CHECK_EQ(run((uint64_t *)(void *)p, 16384, 1, &bad), MEMTEST_PASSED);
    munmap(p, 32768);
    fclose(stream);
}

TEST(stops_when_asked) {
    uint64_t *p = calloc(1, N);
    for (unsigned at = 1; at < 60; at++) {
        during.at = at;
        during.word = p;
        during.flip = 0;
        during.stop = true;
        memtest_bad_t bad;
        CHECK_EQ(run(p, N, 1, &bad), MEMTEST_STOPPED);
        CHECK_EQ(during.polls, at);
    }
    free(p);
}
