// SPDX-License-Identifier: MIT
// sources: boot/pagetables.c
// The tables are walked here as the CPU would (Arm ARM D8.3), and every page of interest is compared with
// what memlayout.h promises.
#include "../../boot/pagetables.h"
#include "../../ports/aarch64-parallels/memlayout.h"
#include "check.h"

#define PAGES 600
#define IMAGE_PHYS 0x40200000ull
#define IMAGE_SIZE 0x12000ull

static hw_config_t hw;
static pt_t pt;
static void *pool;

typedef struct {
    bool mapped;
    uint64_t pa;
    unsigned mt;
    bool write, el1_exec, el0_exec, el0;
} walk_t;

static walk_t walk(uint64_t va) {
    walk_t w = {0};
    const uint64_t *t = pt.root[va >> 63];
    CHECK_EQ(va >> 48, va >> 63 ? 0xffff : 0);
    for (int level = 0; level <= 3; level++) {
        int shift = 39 - 9 * level;
        uint64_t d = t[(va >> shift) & 511];
        if ((d & 1) == 0) {
            return w;
        }
        bool table = (d & 2) != 0;
        if (level < 3 && table) {
            uint64_t at = d & 0xfffffffff000;
            CHECK(at >= (uint64_t)(uintptr_t)pool && at < (uint64_t)(uintptr_t)pool + PAGES * 4096);
            t = (const uint64_t *)(uintptr_t)at;
            continue;
        }
        CHECK(level == 3 ? table :
                           level > 0); // no blocks at level 0, no reserved encoding at level 3
        CHECK((d & (1 << 10)) != 0);   // AF
        w.mapped = true;
        uint64_t size = 1ull << shift;
        uint64_t base = d & 0xfffffffff000;
        CHECK_EQ(base & (size - 1), 0);
        w.pa = base + (va & (size - 1));
        w.mt = (d >> 2) & 7;
        w.write = (d & (1 << 7)) == 0;
        w.el0 = (d & (1 << 6)) != 0;
        w.el1_exec = (d & (1ull << 53)) == 0;
        w.el0_exec = (d & (1ull << 54)) == 0;
        return w;
    }
    return w;
}

static void mem(uint64_t base, uint64_t size, uint32_t kind) {
    hw.mem[hw.mem_count++] = (hw_mem_t) {base, size, kind, 0};
}

static const pt_segment_t segments[] = {
    {KERNEL_BASE, 0x3000, PT_X},          {KERNEL_BASE + 0x3000, 0x1800, 0},
    {KERNEL_BASE + 0x5000, 0x2000, PT_W}, {KERNEL_BASE + 0x8000, 0x4000, PT_W}, // guard page below
    {KERNEL_BASE + 0xd000, 0x4000, PT_W},
};

static void begin(size_t pages) {
    if (pool == NULL && posix_memalign(&pool, 4096, PAGES * 4096) != 0) {
        abort();
    }
    memset(pool, 0xff, PAGES * 4096); // whatever was there before
    memset(&hw, 0, sizeof(hw));
    pt = (pt_t) {.pool = pool, .pool_pages = pages};
    hw.image_phys = IMAGE_PHYS;
    hw.image_size = IMAGE_SIZE;
}

static void usual(void) {
    mem(0x04000000, 0x04000000, HW_MEM_MMIO);
    mem(0x10000000, 0x300000, HW_MEM_FB);
    mem(0x40000000, 0x200000, HW_MEM_FREE);
    mem(IMAGE_PHYS, IMAGE_SIZE, HW_MEM_IMAGE);
    mem(IMAGE_PHYS + IMAGE_SIZE, 0x1000, HW_MEM_BOOT);
    mem(0x40213000, 0x7fded000, HW_MEM_FREE);
    mem(0xc0000000, 0x3000, HW_MEM_ACPI);
    mem(0xc0003000, 0x5000, HW_MEM_FIRMWARE);
    mem(0xc0010000, 0x5000, HW_MEM_RESERVED);
    mem(0x100000000, 0x140000000, HW_MEM_FREE);
}

static int build(void) {
    return pt_build(&pt, &hw, segments, sizeof(segments) / sizeof(segments[0]), 44);
}

static unsigned want_mt(uint64_t pa) {
    for (uint32_t i = 0; i < hw.mem_count; i++) {
        const hw_mem_t *m = &hw.mem[i];
        if (pa >= m->base && pa - m->base < m->size) {
            return m->kind == HW_MEM_FB ? MT_NC : m->kind == HW_MEM_MMIO ? MT_DEVICE : MT_NORMAL;
        }
    }
    return MT_DEVICE;
}

static void check_identity(uint64_t va) {
    walk_t w = walk(va);
    bool entry_page = va >= hw.image_phys && va - hw.image_phys < 4096;
    bool image = va >= hw.image_phys && va - hw.image_phys < hw.image_size;
    if (va < 4096 || va >= 1ull << 40) {
        CHECK(!w.mapped);
    } else if (entry_page) {
        CHECK(w.mapped && w.pa == va && w.el1_exec && !w.write && !w.el0_exec && w.mt == MT_NORMAL);
    } else if (image) {
        CHECK(!w.mapped);
    } else {
        CHECK(w.mapped && w.pa == va);
        CHECK_EQ(w.mt, want_mt(va));
        CHECK(w.write && !w.el1_exec && !w.el0_exec && !w.el0);
    }
    if (check_failures) {
        fprintf(stderr, "at 0x%" PRIx64 "\n", va);
    }
}

TEST(whole_identity_map) {
    begin(PAGES);
    usual();
    CHECK_EQ(build(), 0);
    for (uint64_t va = 0; va < 0x50000000 && !check_failures; va += 4096) {
        check_identity(va);
    }
    for (uint64_t va = 0x50000000; va < 0x300000000 && !check_failures; va += 0x10000) {
        check_identity(va);
    }
    for (uint64_t va = 0x300000000; va < (1ull << 41) && !check_failures; va += 0x3ffff000) {
        check_identity(va);
    }
    for (uint32_t i = 0; i < hw.mem_count && !check_failures; i++) {
        check_identity(hw.mem[i].base);
        check_identity(hw.mem[i].base - 1);
        check_identity(hw.mem[i].base + hw.mem[i].size - 1);
        check_identity(hw.mem[i].base + hw.mem[i].size);
    }
    check_identity((1ull << 40) - 1);
    check_identity(1ull << 40);
}

TEST(image_rights_and_guards) {
    begin(PAGES);
    usual();
    CHECK_EQ(build(), 0);
    for (uint64_t va = KERNEL_BASE; va < KERNEL_BASE + 0x400000 && !check_failures; va += 4096) {
        const pt_segment_t *s = NULL;
        for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
            if (va >= segments[i].vaddr && va - segments[i].vaddr < segments[i].size) {
                s = &segments[i];
            }
        }
        walk_t w = walk(va);
        CHECK_EQ(w.mapped, s != NULL);
        if (s != NULL) {
            CHECK_EQ(w.pa, IMAGE_PHYS + (va - KERNEL_BASE));
            CHECK_EQ(w.write, (s->flags & PT_W) != 0);
            CHECK_EQ(w.el1_exec, (s->flags & PT_X) != 0);
            CHECK(!w.el0_exec && !w.el0 && w.mt == MT_NORMAL);
        }
    }
    CHECK(!walk(KERNEL_BASE - 4096).mapped);
    CHECK(!walk(0xffff000000000000).mapped);
    CHECK(!walk(0xfffffffffffff000).mapped);
}

TEST(registers) {
    begin(PAGES);
    usual();
    CHECK_EQ(build(), 0);
    CHECK_EQ(hw.ttbr0, (uintptr_t)pt.root[0]);
    CHECK_EQ(hw.ttbr1, (uintptr_t)pt.root[1]);
    CHECK_EQ(hw.mair, MAIR_VALUE);
    CHECK_EQ(hw.tcr & 63, 16);
    CHECK_EQ((hw.tcr >> 16) & 63, 16);
    CHECK_EQ((hw.tcr >> 14) & 3, 0);          // TG0: 4 KiB
    CHECK_EQ((hw.tcr >> 30) & 3, 2);          // TG1: 4 KiB
    CHECK_EQ((hw.tcr >> 32) & 7, 4);          // IPS: 44 bits
    CHECK_EQ(hw.tcr & (1 << 7 | 1 << 23), 0); // both halves walked
}

TEST(small_address_space) {
    begin(PAGES);
    usual();
    CHECK_EQ(pt_build(&pt, &hw, segments, 5, 36), 0);
    CHECK(walk((1ull << 36) - 4096).mapped);
    CHECK(!walk(1ull << 36).mapped);
    CHECK_EQ((hw.tcr >> 32) & 7, 1);
}

TEST(pool_runs_out) {
    begin(PAGES);
    usual();
    CHECK_EQ(build(), 0);
    size_t used = pt.used_pages;
    CHECK(used <= pt_pages_needed(&hw));
    for (size_t pages = 0; pages < used; pages++) {
        begin(pages);
        usual();
        CHECK_EQ(build(), -1);
        CHECK(pt.used_pages <= pages);
    }
    begin(used);
    usual();
    CHECK_EQ(build(), 0);
}

TEST(needed_pages_bound_the_worst_map) {
    begin(PAGES);
    uint64_t base = 0x80000000;
    for (int i = 0; i < 100; i++) { // every region splits a block of its own
        mem(base + 0x1000, 0x1000, i % 2 ? HW_MEM_FREE : HW_MEM_FB);
        base += 0x40200000;
    }
    CHECK_EQ(build(), 0);
    CHECK(pt.used_pages <= pt_pages_needed(&hw));
    check_identity(0x80001000);
    check_identity(0x80002000);
    check_identity(0x80000fff);
}

TEST(bad_maps_are_refused) {
    begin(PAGES);
    mem(0x50000000, 0x10000, HW_MEM_FREE);
    mem(0x40000000, 0x10000, HW_MEM_FREE); // not ascending
    CHECK_EQ(build(), -2);
    begin(PAGES);
    mem(0x50000000, 0x10000, HW_MEM_FREE);
    mem(0x50008000, 0x10000, HW_MEM_FREE); // overlap
    CHECK_EQ(build(), -2);
    begin(PAGES);
    mem(0x50000100, 0x10000, HW_MEM_FREE);
    CHECK_EQ(build(), -2);
    begin(PAGES);
    mem(0xfffffffffffff000, 0x10000, HW_MEM_FREE);
    CHECK_EQ(build(), -2);
    begin(PAGES);
    mem(0x40000000, 0, HW_MEM_FREE);
    CHECK_EQ(build(), 0);
}

TEST(bad_segments_are_refused) {
    static const pt_segment_t bad[] = {
        {KERNEL_BASE, 0x1000, PT_W | PT_X},       {0x40000000, 0x1000, PT_X},
        {KERNEL_BASE + IMAGE_SIZE, 0x1000, PT_W}, {KERNEL_BASE + 8, 0x1000, PT_W},
        {KERNEL_BASE, ~0ull - 0x2000, PT_W},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        begin(PAGES);
        usual();
        int ret = pt_build(&pt, &hw, &bad[i], 1, 44);
        if (ret != -2) {
            fprintf(stderr, "segment %zu: %d\n", i, ret);
            CHECK_EQ((unsigned)ret, (unsigned)-2);
        }
    }
}

TEST(map_lookup_unmap) {
    begin(PAGES);
    usual();
    CHECK_EQ(build(), 0);
    const uint64_t va = 0x10000000000; // free for address spaces
    int level = 0;
    CHECK_EQ(pt_lookup(&pt, va, &level), 0);
    CHECK_EQ(pt_map(&pt, va, 0x80000000, 0x40000000, MT_NORMAL, PT_W), 0);
    CHECK((pt_lookup(&pt, va + 0x123456, &level) & 1) != 0);
    CHECK_EQ(level, 1);                                // one block
    CHECK_EQ(pt_unmap(&pt, va + 0x200000, 0x1000), 0); // splits it
    CHECK(!walk(va + 0x200000).mapped);
    CHECK_EQ(walk(va + 0x1ff000).pa, 0x801ff000);
    CHECK_EQ(walk(va + 0x201000).pa, 0x80201000);
    CHECK_EQ(walk(va + 0x3ffff000).pa, 0xbffff000);
    CHECK((pt_lookup(&pt, va + 0x201000, &level) & 1) != 0);
    CHECK_EQ(level, 3);
    CHECK_EQ(pt_map(&pt, va + 0x200000, 0x40000000, 0x1000, MT_DEVICE, PT_R), 0);
    CHECK_EQ(walk(va + 0x200000).pa, 0x40000000);
    CHECK(!walk(va + 0x200000).write);
    CHECK_EQ(walk(va + 0x200000).mt, MT_DEVICE);
    CHECK_EQ(pt_map(&pt, va, 0x80000000, 0x1000, MT_NORMAL, PT_USER | PT_X), 0);
    walk_t w = walk(va);
    CHECK(w.el0 && w.el0_exec && !w.el1_exec && !w.write); // EL1 never executes what EL0 can
}

TEST(bad_arguments) {
    begin(PAGES);
    usual();
    CHECK_EQ(build(), 0);
    CHECK_EQ(pt_map(&pt, 0x1000001, 0x1000, 0x1000, MT_NORMAL, 0), -2);
    CHECK_EQ(pt_map(&pt, 0x1000000, 0x1001, 0x1000, MT_NORMAL, 0), -2);
    CHECK_EQ(pt_map(&pt, 0x1000000, 0x1000, 0x800, MT_NORMAL, 0), -2);
    CHECK_EQ(pt_map(&pt, 0x1000000, 0x1000, 0, MT_NORMAL, 0), -2);
    CHECK_EQ(pt_map(&pt, 0x0001000000000000, 0x1000, 0x1000, MT_NORMAL, 0), -2); // neither half
    CHECK_EQ(pt_map(&pt, 0xffff, 0x1000, ~0ull << 12, MT_NORMAL, 0), -2);
    CHECK_EQ(pt_map(&pt, 0x1000000, 1ull << 48, 0x1000, MT_NORMAL, 0), -2);
    CHECK_EQ(pt_unmap(&pt, 0x0000fffffffff000, 0x2000), -2); // across the halves' gap
    CHECK_EQ(pt_unmap(&pt, 0xfffffffffffff000, 0x1000), 0);
}
