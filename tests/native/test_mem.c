// SPDX-License-Identifier: MIT
// sources: ports/aarch64-parallels/mem.c
// Who gets which part of RAM.  The RAM here is a block of the host's, used at its own address.
#include "../../ports/aarch64-parallels/mem.h"
#include "../../boot/hwconfig.h"
#include "../../ports/aarch64-parallels/io.h"
#include "check.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/time.h>

#define RAM (64u << 20)
#define PAGE 4096

hw_config_t hw;
static uint64_t heap_option, dma_option, disk_option;
static unsigned warnings;

uint64_t hw_option_size(const char *key, uint64_t otherwise);
uint64_t hw_option_size(const char *key, uint64_t otherwise) {
    uint64_t v = strcmp(key, "heap") == 0    ? heap_option :
                 strcmp(key, "dma") == 0     ? dma_option :
                 strcmp(key, "ramdisk") == 0 ? disk_option :
                                               0;
    return v ? v : otherwise;
}

void klog(int level, const char *fmt, ...);
void klog(int level, const char *fmt, ...) {
    (void)level;
    (void)fmt;
    warnings++;
}

// A signal stands for an interrupt.
static sigset_t alarm_only;

uint64_t irq_save(void) {
    sigset_t before;
    sigprocmask(SIG_BLOCK, &alarm_only, &before);
    return (uint64_t)sigismember(&before, SIGALRM);
}

void irq_restore(uint64_t masked) {
    if (!masked) {
        sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
    }
}

static size_t postmortem;

// One region of RAM with a hole in it.
static uint8_t *boot(void) {
    uint8_t *ram = aligned_alloc(PAGE, RAM);
    memset(ram, 0xa5, RAM);
    uint64_t base = (uintptr_t)ram;
    hw.mem[0] = (hw_mem_t) {base, RAM / 4, HW_MEM_FREE, 0};
    hw.mem[1] = (hw_mem_t) {base + RAM / 4, RAM / 8, HW_MEM_RESERVED, 0};
    hw.mem[2] = (hw_mem_t) {base + RAM / 8 * 3, RAM / 8 * 5, HW_MEM_FREE, 0};
    hw.mem_count = 3;
    mem_init(postmortem);
    return ram;
}

static bool inside(const void *p, size_t size, const hw_mem_t *m) {
    uint64_t a = (uintptr_t)p;
    return a >= m->base && a + size <= m->base + m->size;
}

static bool in_free(const void *p, size_t size) {
    return inside(p, size, &hw.mem[0]) || inside(p, size, &hw.mem[2]);
}

static uint64_t taken(const mem_stats_t *s) {
    return s->free + s->heap + s->dma + s->disk + s->postmortem;
}

static void check_postmortem(size_t size, bool there) {
    postmortem = size;
    boot();
    mem_stats_t s;
    mem_stats(&s);
    CHECK_EQ(s.postmortem, there ? size : 0);
    CHECK_EQ(mem_postmortem != NULL, there);
    CHECK(!there || in_free(mem_postmortem, size));
    CHECK_EQ(taken(&s), RAM / 8 * 7);
}

TEST(postmortem_takes_a_little_of_plenty) {
    check_postmortem(RAM / 8 * 7 / 32, true);
}

TEST(postmortem_takes_nothing_of_little) {
    check_postmortem(RAM / 8 * 7 / 32 + PAGE, false);
}

TEST(everything_is_accounted_for) {
    boot();
    mem_stats_t s;
    mem_stats(&s);
    CHECK_EQ(s.ram, RAM);
    CHECK_EQ(taken(&s), RAM / 8 * 7);
    void *heap;
    size_t size;
    mem_heap_first(&heap, &size);
    CHECK(in_free(heap, size));
    CHECK(in_free(mem_dma, mem_dma_size));
    CHECK(in_free(mem_disk, mem_disk_size));
    CHECK(mem_dma + mem_dma_size <= mem_disk || mem_disk + mem_disk_size <= mem_dma);
}

TEST(disk_starts_empty) {
    boot();
    CHECK_EQ(mem_disk[0], 0); // whatever a reset left there
    CHECK_EQ(mem_disk[4096], 0);
}

TEST(options_bound) {
    heap_option = 4 << 20;
    dma_option = 2 << 20;
    disk_option = 1 << 20;
    boot();
    CHECK_EQ(mem_dma_size, 2 << 20);
    CHECK_EQ(mem_disk_size, 1 << 20);
    mem_stats_t s;
    mem_stats(&s);
    CHECK_EQ(s.heap_limit, 4 << 20);
    CHECK_EQ(mem_heap_room() + s.heap, 4 << 20);
    CHECK(mem_heap_grow(mem_heap_room() + PAGE) == NULL);
}

TEST(absurd_options_leave_a_machine) {
    heap_option = ~0ull;
    dma_option = ~0ull;
    disk_option = ~0ull;
    boot();
    mem_stats_t s;
    mem_stats(&s);
    CHECK(s.heap >= 64 * 1024);
    CHECK_EQ(taken(&s), RAM / 8 * 7);
}

TEST(heap_grows_and_gives_back) {
    boot();
    mem_stats_t before, s;
    mem_stats(&before);
    void *areas[40];
    unsigned n = 0;
    while (n < 40 && (areas[n] = mem_heap_grow(1 << 20)) != NULL) {
        CHECK(in_free(areas[n], 1 << 20));
        memset(areas[n], (int)n, 1 << 20); // ASan would see it leave the block
        n++;
    }
    CHECK(n >= 16);
    for (unsigned i = 0; i < n; i += 2) {
        mem_heap_free(areas[i]);
    }
    mem_heap_free(NULL);
    mem_heap_reset();
    mem_stats(&s);
    CHECK_EQ(s.free, before.free);
    CHECK_EQ(s.heap, before.heap);
    CHECK_EQ(warnings, 0);
}

// Random allocation against a map of who owns each page.
TEST(random_model) {
    uint8_t *ram = boot();
    static uint8_t owner[RAM / PAGE];
    struct {
        uint8_t *p;
        size_t size;
    } live[64] = {{0}};
    uint64_t seed = 0x9e3779b97f4a7c15;
    mem_stats_t before, s;
    mem_stats(&before);
    for (int step = 0; step < 200000; step++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        unsigned i = seed % 64;
        if (live[i].p == NULL) {
            live[i].size = 1 + (seed >> 20) % (PAGE * 200);
            live[i].p = mem_alloc(live[i].size);
            if (live[i].p != NULL) {
                CHECK(in_free(live[i].p, live[i].size));
                CHECK_EQ((uintptr_t)live[i].p % PAGE, 0);
                for (size_t page = 0; page < (live[i].size + PAGE - 1) / PAGE; page++) {
                    uint8_t *o = &owner[(size_t)(live[i].p - ram) / PAGE + page];
                    CHECK_EQ(*o, 0);
                    *o = 1;
                }
            }
        } else {
            for (size_t page = 0; page < (live[i].size + PAGE - 1) / PAGE; page++) {
                owner[(size_t)(live[i].p - ram) / PAGE + page] = 0;
            }
            mem_free(live[i].p, live[i].size);
            live[i].p = NULL;
        }
    }
    for (unsigned i = 0; i < 64; i++) {
        if (live[i].p != NULL) {
            mem_free(live[i].p, live[i].size);
        }
    }
    mem_stats(&s);
    CHECK_EQ(s.free, before.free);
    CHECK_EQ(warnings, 0);
}

TEST(claiming_takes_these_very_pages) {
    uint8_t *ram = boot();
    mem_stats_t before, now;
    mem_stats(&before);
    uint64_t base, size, largest = 0, at = 0;
    for (unsigned i = 0; mem_free_run(i, &base, &size); i++) {
        at = size > largest ? base : at;
        largest = size > largest ? size : largest;
    }
    CHECK_EQ(mem_free_within(at, largest), largest);
    CHECK_EQ(mem_free_within((uintptr_t)ram, RAM), before.free);
    CHECK_EQ(mem_free_within((uintptr_t)ram + RAM / 4, RAM / 8), 0);
    CHECK(mem_claim(at + PAGE, 1)); // one page: the run splits
    CHECK_EQ(mem_free_within(at, largest), largest - PAGE);
    CHECK_EQ(mem_free_within(at + PAGE + 5, 100), 0);
    CHECK(!mem_claim(at + PAGE, 1));
    CHECK(!mem_claim(at, 3 * PAGE));
    CHECK(!mem_claim((uintptr_t)ram + RAM / 4, PAGE));
    CHECK(mem_claim(at + 3 * PAGE - 1, 2)); // touches two pages
    CHECK_EQ(mem_free_within(at, largest), largest - 3 * PAGE);
    mem_free((void *)(at + PAGE), 1);
    mem_free((void *)(at + 2 * PAGE), 2 * PAGE);
    CHECK(mem_claim(at, largest));
    mem_free((void *)at, largest);
    mem_stats(&now);
    CHECK_EQ(now.free, before.free);
    free(ram);
}

static void *handlers[16];
static unsigned interrupts;

static void handler(int signal) {
    (void)signal;
    for (unsigned i = 0; i < 16; i++) {
        if (handlers[i] != NULL) {
            mem_free(handlers[i], PAGE);
        }
        handlers[i] = (interrupts + i) % 3 != 0 ? mem_alloc(PAGE) : NULL;
    }
    interrupts++;
}

// Hard handlers of Python free vectors and jobs while the thread's heap grows.
TEST(handlers_come_in_between) {
    boot();
    mem_stats_t before, now;
    mem_stats(&before);
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    signal(SIGALRM, handler);
    const struct itimerval often = {{0, 20}, {0, 20}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    void *live[64] = {NULL};
    for (unsigned i = 0; interrupts < 3000; i++) {
        unsigned at = i * 37 % 64;
        if (live[at] != NULL) {
            mem_free(live[at], (at % 5 + 1) * PAGE);
        }
        live[at] = i % 7 < 4 ? mem_alloc((at % 5 + 1) * PAGE) : NULL;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    for (unsigned i = 0; i < 64; i++) {
        if (live[i] != NULL) {
            mem_free(live[i], (i % 5 + 1) * PAGE);
        }
        if (i < 16 && handlers[i] != NULL) {
            mem_free(handlers[i], PAGE);
        }
    }
    mem_stats(&now);
    CHECK_EQ(now.free, before.free);
    CHECK_EQ(warnings, 0);
}
