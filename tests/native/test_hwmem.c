// SPDX-License-Identifier: MIT
// sources: ports/aarch64-parallels/hwmem.c
#include "../../ports/aarch64-parallels/hw.h"
#include "../../ports/aarch64-parallels/memlayout.h"
#include "check.h"

static hw_config_t c;

static void begin(void) {
    memset(&c, 0, sizeof(c));
}

static void add(uint64_t base, uint64_t size, uint32_t kind) {
    hw_mem_t *m = &c.mem[c.mem_count++];
    m->base = base;
    m->size = size;
    m->kind = kind;
}

// Entry i is [base, end) of this kind.
#define IS(i, from, end, what)                                                                     \
    do {                                                                                           \
        CHECK_EQ(c.mem[i].base, from);                                                             \
        CHECK_EQ(c.mem[i].base + c.mem[i].size, end);                                              \
        CHECK_EQ(c.mem[i].kind, what);                                                             \
    } while (0)

TEST(splits_ram_around_what_is_taken) {
    begin();
    add(0x40000000, 0x10000000, HW_MEM_FREE);
    add(0x40200000, 0x100000, HW_MEM_IMAGE);
    add(0x40000000, 0x2000, HW_MEM_BOOT);
    CHECK_EQ(hw_mem_normalize(&c), 0);
    CHECK_EQ(c.mem_count, 4);
    IS(0, 0x40000000, 0x40002000, HW_MEM_BOOT);
    IS(1, 0x40002000, 0x40200000, HW_MEM_FREE);
    IS(2, 0x40200000, 0x40300000, HW_MEM_IMAGE);
    IS(3, 0x40300000, 0x50000000, HW_MEM_FREE);
}

TEST(merges_neighbours_and_sorts) {
    begin();
    add(0x80000000, 0x1000, HW_MEM_FREE);
    add(0x7ffff000, 0x1000, HW_MEM_FREE);
    add(0x40000000, 0x1000, HW_MEM_FREE);
    CHECK_EQ(hw_mem_normalize(&c), 0);
    CHECK_EQ(c.mem_count, 2);
    IS(0, 0x40000000, 0x40001000, HW_MEM_FREE);
    IS(1, 0x7ffff000, 0x80001000, HW_MEM_FREE);
}

TEST(ram_shrinks_to_pages_and_the_rest_grows) {
    begin();
    add(0x40000800, 0x4000, HW_MEM_FREE);
    add(0x40002801, 1, HW_MEM_RESERVED);
    CHECK_EQ(hw_mem_normalize(&c), 0);
    CHECK_EQ(c.mem_count, 3);
    IS(0, 0x40001000, 0x40002000, HW_MEM_FREE);
    IS(1, 0x40002000, 0x40003000, HW_MEM_RESERVED);
    IS(2, 0x40003000, 0x40004000, HW_MEM_FREE);
}

TEST(free_never_wins) {
    begin();
    add(0x40000000, 0x3000, HW_MEM_RESERVED);
    add(0x40001000, 0x3000, HW_MEM_FREE);
    CHECK_EQ(hw_mem_normalize(&c), 0);
    CHECK_EQ(c.mem_count, 2);
    IS(0, 0x40000000, 0x40003000, HW_MEM_RESERVED);
    IS(1, 0x40003000, 0x40004000, HW_MEM_FREE);
}

TEST(page_0_is_never_free) {
    begin();
    add(0, 0x3000, HW_MEM_FREE);
    CHECK_EQ(hw_mem_normalize(&c), 0);
    CHECK_EQ(c.mem_count, 1);
    IS(0, 0x1000, 0x3000, HW_MEM_FREE);
}

TEST(absurd_sizes) {
    begin();
    add(0xfffffffffffff000, 0x10000, HW_MEM_FREE);
    add(0xfffffffffffffff0, 0x8, HW_MEM_RESERVED);
    add(0x40000000, 0, HW_MEM_FREE);
    add(0x40000001, 0xffe, HW_MEM_FREE);
    CHECK_EQ(hw_mem_normalize(&c), 0);
    for (uint32_t i = 0; i < c.mem_count; i++) {
        CHECK(c.mem[i].base + c.mem[i].size > c.mem[i].base);
    }
}

TEST(nothing) {
    begin();
    CHECK_EQ(hw_mem_normalize(&c), 0);
    CHECK_EQ(c.mem_count, 0);
}

TEST(a_full_list_is_refused_not_overrun) {
    begin();
    for (uint32_t i = 0; i < HW_MAX_MEM; i++) {
        add(0x40000000 + i * 0x2000ull, 0x1000, i & 1 ? HW_MEM_FREE : HW_MEM_RESERVED);
    }
    CHECK_EQ(hw_mem_normalize(&c), -1);
    begin();
    for (uint32_t i = 0; i < HW_MAX_MEM / 2; i++) {
        add(0x40000000 + i * 0x2000ull, 0x1000, HW_MEM_FREE);
    }
    CHECK_EQ(hw_mem_normalize(&c), 0);
    CHECK_EQ(c.mem_count, HW_MAX_MEM / 2);
}

// Any list comes out ascending, disjoint and page-aligned, and twice is once.
TEST(random_lists) {
    uint64_t state = 1;
    for (int round = 0; round < 2000; round++) {
        begin();
        uint32_t n = 1 + (uint32_t)(state >> 33) % 40;
        for (uint32_t i = 0; i < n; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            add(state >> 32 << (state & 15), (state >> 20 & 0xfffff) << (state >> 5 & 7),
                1 + (uint32_t)(state >> 40) % 8);
        }
        CHECK_EQ(hw_mem_normalize(&c), 0);
        uint64_t end = 0;
        for (uint32_t i = 0; i < c.mem_count; i++) {
            CHECK(c.mem[i].base >= end && c.mem[i].size != 0);
            CHECK_EQ((c.mem[i].base | c.mem[i].size) % PAGE_SIZE, 0);
            end = c.mem[i].base + c.mem[i].size;
        }
        static hw_config_t once;
        once = c;
        CHECK_EQ(hw_mem_normalize(&c), 0);
        CHECK(memcmp(&once, &c, offsetof(hw_config_t, mem) + c.mem_count * sizeof(c.mem[0])) == 0);
    }
}
