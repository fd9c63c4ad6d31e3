// SPDX-License-Identifier: MIT
// Memory test.  Patterns find stuck bits, the address test wrong or shared address lines, the march (C-: van de Goor,
// "Using March Tests to Test SRAMs", 1993) coupled cells.  Between writing and reading, lines go out of the caches.

#include "memtest.h"

#ifdef PYRALLAX_HOST
static uint64_t load(const uint64_t *p) {
    return *p;
}
static void store(uint64_t *p, uint64_t v) {
    *p = v;
}
static void evict(const uint64_t *p, size_t words) {
    (void)p;
    (void)words;
    __asm__ volatile("" ::: "memory");
}
#else
#include "cache.h"
#include "io.h"
static uint64_t load(const uint64_t *p) {
    return io_read64((uintptr_t)p);
}
static void store(uint64_t *p, uint64_t v) {
    io_write64((uintptr_t)p, v);
}
static void evict(const uint64_t *p, size_t words) {
    cache_flush(p, words * 8);
}
#endif

typedef struct {
    uint64_t *p;
    size_t words;
    memtest_poll_t poll;
    void *arg;
    memtest_bad_t *bad;
} test_t;

#define STEP_WORDS (MEMTEST_STEP / 8)

// What an element of the test does to each word: check it, then write it, either optional.
typedef struct {
    bool check, write, down, by_address;
    uint64_t old, new; // xored with the word's address if by_address
} element_t;

static memtest_end_t words(const test_t *t, const element_t *e, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        uint64_t *p = t->p + (e->down ? to - 1 - (i - from) : i);
        uint64_t salt = e->by_address ? (uint64_t)(uintptr_t)p : 0;
        if (e->check) {
            uint64_t v = load(p);
            if (v != (e->old ^ salt)) {
                t->bad->addr = (uint64_t)(uintptr_t)p;
                t->bad->wrote = e->old ^ salt;
                t->bad->read = v;
                return MEMTEST_MARCH;
            }
        }
        if (e->write) {
            store(p, e->new ^ salt);
        }
    }
    evict(t->p + from, to - from);
    return MEMTEST_PASSED;
}

// MEMTEST_PASSED, MEMTEST_STOPPED or `failure`.
static memtest_end_t run(const test_t *t, const element_t *e, memtest_end_t failure) {
    for (size_t done = 0; done < t->words;) {
        size_t n = t->words - done < STEP_WORDS ? t->words - done : STEP_WORDS;
        size_t from = e->down ? t->words - done - n : done;
        if (words(t, e, from, from + n) != MEMTEST_PASSED) {
            return failure;
        }
        done += n;
        if (!t->poll(t->arg)) {
            return MEMTEST_STOPPED;
        }
    }
    return MEMTEST_PASSED;
}

static memtest_end_t all(const test_t *t, const element_t *e, size_t n, memtest_end_t failure) {
    memtest_end_t end = MEMTEST_PASSED;
    for (size_t i = 0; i < n && end == MEMTEST_PASSED; i++) {
        end = run(t, &e[i], failure);
    }
    return end;
}

static memtest_end_t pattern(const test_t *t, uint64_t v) {
    const element_t e[] = {{.write = true, .new = v},
                           {.check = true, .old = v, .write = true, .new = ~v},
                           {.check = true, .old = ~v}};
    return all(t, e, 3, MEMTEST_PATTERN);
}

static memtest_end_t address(const test_t *t, uint64_t salt) {
    const element_t e[] = {
        {.write = true, .by_address = true, .new = salt},
        {.check = true, .by_address = true, .old = salt, .write = true, .new = ~salt},
        {.check = true, .by_address = true, .old = ~salt}};
    return all(t, e, 3, MEMTEST_ADDRESS);
}

static memtest_end_t march(const test_t *t, uint64_t v) {
    const element_t e[] = {
        {.write = true, .new = v},
        {.check = true, .old = v, .write = true, .new = ~v},
        {.check = true, .old = ~v, .write = true, .new = v},
        {.check = true, .old = v, .write = true, .new = ~v, .down = true},
        {.check = true, .old = ~v, .write = true, .new = v, .down = true},
        {.check = true, .old = v},
    };
    return all(t, e, 6, MEMTEST_MARCH);
}

memtest_end_t memtest_run(uint64_t *p, size_t n, uint64_t passes, memtest_poll_t poll, void *arg,
                          memtest_bad_t *bad) {
    test_t t = {p, n / 8, poll, arg, bad};
    memtest_end_t end = MEMTEST_PASSED;
    // Without a word nothing is tested, and nobody is asked whether to go on.
    for (uint64_t pass = 0; t.words != 0 && pass < passes && end == MEMTEST_PASSED; pass++) {
        // Each pass walks a one through the byte, and the checkerboard swaps its squares.
        uint64_t one = 0x0101010101010101ull << pass % 8;
        end = pattern(&t, 0x5555555555555555ull << pass % 2);
        end = end == MEMTEST_PASSED ? pattern(&t, one) : end;
        end = end == MEMTEST_PASSED ? address(&t, one) : end;
        end = end == MEMTEST_PASSED ? march(&t, 0) : end;
    }
    return end;
}
