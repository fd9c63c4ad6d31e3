// SPDX-License-Identifier: MIT
// sources: ports/aarch64-parallels/ptedit.c ports/aarch64-parallels/ptwalk.c boot/pagetables.c
// area: probe
// Live edits against a model: an array with a word a page.
#include "../../boot/pagetables.h"
#include "../../boot/ptdesc.h"
#include "../../ports/aarch64-parallels/memlayout.h"
#include "../../ports/aarch64-parallels/ptedit.h"
#include "../../ports/aarch64-parallels/ptwalk.h"
#include "check.h"

#define TABLES 4096
#define VA0 0x10000000000ull // 1 TiB
#define SPAN 0xc0000000ull   // 3 GiB: three level 1 entries
#define PAGES (SPAN / PAGE_SIZE)

static uint8_t *pool;
static bool taken[TABLES];
static size_t tables, budget, reserved;
static unsigned broken, linked, rights;
static uint64_t model[PAGES]; // leaf as at level 3, 0: not mapped
static uint64_t *root;

static bool owned(const uint64_t *t) {
    return (const uint8_t *)t >= pool + PAGE_SIZE && (const uint8_t *)t < pool + TABLES * PAGE_SIZE;
}

static bool reserve(size_t n) {
    reserved = n;
    return tables + n <= budget;
}

static uint64_t *table_new(void) {
    CHECK(reserved-- > 0);
    for (unsigned i = 1; i < TABLES; i++) { // 0 is the root: made by somebody else
        if (!taken[i]) {
            taken[i] = true;
            tables++;
            return memset(pool + i * PAGE_SIZE, 0, PAGE_SIZE);
        }
    }
    abort();
}

static void table_free(uint64_t *t) {
    size_t i = (size_t)((uint8_t *)t - pool) / PAGE_SIZE;
    CHECK(owned(t) && taken[i]);
    taken[i] = false;
    tables--;
    memset(t, 0xff, PAGE_SIZE); // valid and wrong: whoever still walks here is found
}

static bool whole_table(const uint64_t *t, int level) {
    for (unsigned i = 0; i < PT_ENTRIES; i++) {
        if (desc_is_table(t[i], level)) {
            const uint64_t *below = desc_table(t[i]);
            if (owned(below) && !taken[((const uint8_t *)below - pool) / PAGE_SIZE]) {
                return false;
            }
            if (!whole_table(below, level + 1)) {
                return false;
            }
        }
    }
    return true;
}

static void replace(uint64_t *e, int level, uint64_t desc, uint64_t va) {
    uint64_t old = *e;
    CHECK(old != desc);
    CHECK_EQ(PT_INDEX(va, level), ((uintptr_t)e & (PAGE_SIZE - 1)) / 8);
    if (desc_is_table(desc, level)) {
        CHECK(whole_table(desc_table(desc), level + 1)); // ready before it is linked
    }
    if (!(old & DESC_VALID)) {
        linked++;
    } else if (((old ^ desc) & ~DESC_RIGHTS) == 0) {
        rights++;
    } else {
        broken++;
    }
    *e = desc;
}

static const ptedit_ops_t ops = {reserve, table_new, table_free, owned, replace};

static void begin(size_t room) {
    static void *memory;
    if (memory == NULL && posix_memalign(&memory, PAGE_SIZE, TABLES * PAGE_SIZE) != 0) {
        abort();
    }
    pool = memory;
    memset(taken, 0, sizeof(taken));
    memset(model, 0, sizeof(model));
    root = memset(pool, 0, PAGE_SIZE);
    tables = 0;
    budget = room;
    broken = linked = rights = 0;
}

static uint64_t walked(uint64_t va) {
    ptstep_t steps[4];
    int level = ptwalk(root, va, steps) - 1;
    uint64_t d = steps[level].desc;
    return d & DESC_VALID ? (d | DESC_TABLE) + (va & (PT_LEVEL_SIZE(level) - 1) & ~0xfffull) : 0;
}

static void compare(const char *what) {
    for (uint64_t i = 0; i < PAGES && !check_failures; i++) {
        uint64_t got = walked(VA0 + i * PAGE_SIZE);
        if (got != model[i]) {
            fprintf(stderr, "%s: page %" PRIu64 "\n", what, i);
            CHECK_EQ(got, model[i]);
        }
    }
    CHECK(whole_table(root, 0));
}

static size_t reachable(const uint64_t *t, int level) {
    size_t n = 0;
    for (unsigned i = 0; i < PT_ENTRIES; i++) {
        n += desc_is_table(t[i], level) ? 1 + reachable(desc_table(t[i]), level + 1) : 0;
    }
    return n;
}

// The regions are the model's runs.
static void compare_regions(void) {
    ptregion_t r = {0};
    uint64_t i = 0;
    while (ptwalk_region(root, 0, r.va + r.size, &r)) {
        while (i < PAGES && model[i] == 0) {
            i++;
        }
        CHECK(i < PAGES);
        CHECK_EQ(r.va, VA0 + i * PAGE_SIZE);
        for (uint64_t at = 0; at < r.size && !check_failures; at += PAGE_SIZE, i++) {
            CHECK_EQ(model[i], (r.pa + at) | r.bits | DESC_TABLE);
        }
        if (i < PAGES && model[i] != 0) { // what follows is something else
            CHECK(model[i] != ((r.pa + r.size) | r.bits | DESC_TABLE));
        }
    }
    while (i < PAGES) {
        CHECK_EQ(model[i++], 0);
    }
}

static uint64_t state;
static uint64_t rnd(uint64_t n) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (state >> 33) % n;
}

static uint64_t random_bits(void) {
    return pt_leaf_bits((unsigned)rnd(4), rnd(2) ? PT_W : PT_X);
}

// One random edit of tables and model.
static int edit(void) {
    static const uint64_t grains[] = {1, 1, 16, 512, 512, 8192, 262144};
    uint64_t grain = grains[rnd(7)], first = rnd(PAGES / grain) * grain;
    uint64_t n = grain * (1 + rnd(grain == 262144 ? 2 : 40));
    n = first + n > PAGES ? PAGES - first : n;
    uint64_t va = VA0 + first * PAGE_SIZE, size = n * PAGE_SIZE;
    uint64_t pa = rnd(2) ? va : rnd(1u << 20) * (rnd(2) ? 0x200000ull : 0x1000ull);
    uint64_t bits = random_bits(), clear = 0;
    unsigned what = (unsigned)rnd(10);
    int r;
    if (what < 4) {
        r = ptedit_map(&ops, root, va, pa, size, bits);
    } else if (what < 7) {
        r = ptedit_unmap(&ops, root, va, size);
    } else {
        clear = rnd(2) ? DESC_RIGHTS : DESC_RIGHTS | DESC_ATTR(7) | DESC_SH_INNER;
        bits &= clear;
        r = ptedit_protect(&ops, root, va, size, clear, bits);
        bool holes = false;
        for (uint64_t i = 0; i < n; i++) {
            holes = holes || model[first + i] == 0;
        }
        CHECK_EQ((unsigned)(r == PTEDIT_NOT_MAPPED), holes && r != PTEDIT_NO_MEMORY);
    }
    for (uint64_t i = 0; r == 0 && i < n; i++) {
        uint64_t *m = &model[first + i];
        *m = what < 4 ? (pa + i * PAGE_SIZE) | bits | DESC_TABLE :
             what < 7 ? 0 :
                        (*m & ~clear) | bits;
    }
    return r;
}

static unsigned outcomes[4];

static void random_edits(uint64_t seed, size_t room, unsigned n) {
    begin(room);
    state = seed;
    for (unsigned i = 0; i < n && !check_failures; i++) {
        size_t before = tables;
        int r = edit();
        outcomes[-r]++;
        if (r != 0) {
            CHECK_EQ(tables, before);
        }
        if (i % 128 == 0) {
            compare("random edits");
            compare_regions();
        }
        CHECK_EQ(tables, reachable(root, 0)); // none lost, none shared
    }
    compare("at the end");
    CHECK_EQ(ptedit_unmap(&ops, root, VA0, SPAN), 0);
    CHECK_EQ(tables, 0);
}

TEST(random_edits_equal_the_model) {
    for (uint64_t seed = 1; seed <= 4; seed++) {
        random_edits(seed, TABLES - 1, 600);
    }
    CHECK(broken > 100 && linked > 100 && rights > 100);
    CHECK(outcomes[0] > 1000 && outcomes[-PTEDIT_NOT_MAPPED] > 100);
    CHECK_EQ(outcomes[-PTEDIT_BAD_RANGE], 0);
}

TEST(random_edits_with_little_memory) {
    for (uint64_t seed = 10; seed < 13; seed++) {
        random_edits(seed, 12, 600);
    }
    CHECK(outcomes[-PTEDIT_NO_MEMORY] > 50 && outcomes[0] > 200);
}

TEST(a_block_is_split_in_one_step) {
    begin(100);
    uint64_t w = pt_leaf_bits(MT_NORMAL, PT_W), r = pt_leaf_bits(MT_NORMAL, 0);
    CHECK_EQ(ptedit_map(&ops, root, VA0, 0x40000000, 0x40000000, w), 0);
    CHECK_EQ(tables, 1);
    linked = broken = 0;
    CHECK_EQ(ptedit_protect(&ops, root, VA0 + 0x201000, 0x1000, DESC_RIGHTS, r & DESC_RIGHTS), 0);
    CHECK_EQ(broken, 1); // the 1 GiB block, by a table that holds the change already
    CHECK_EQ(linked + rights, 0);
    CHECK_EQ(tables, 3);
    CHECK_EQ(walked(VA0 + 0x201000), (0x40201000 | r | DESC_TABLE));
    CHECK_EQ(walked(VA0 + 0x202000), (0x40202000 | w | DESC_TABLE));
    CHECK_EQ(walked(VA0 + 0x3ffff000), (0x7ffff000 | w | DESC_TABLE));
    CHECK_EQ(ptedit_map(&ops, root, VA0, 0x40000000, 0x40000000, w), 0); // and back to one block
    CHECK_EQ(broken, 2);
    CHECK_EQ(tables, 1);
}

TEST(tables_of_others_stay) {
    begin(TABLES - 1);
    hw_config_t hw = {.mem_count = 1, .mem = {{0x40000000, 0x8000000, HW_MEM_FREE, 0}}};
    hw.image_phys = 0x40200000;
    static _Alignas(4096) uint8_t boot_pool[64 * PAGE_SIZE];
    pt_t pt = {.pool = boot_pool, .pool_pages = 64};
    CHECK_EQ(pt_build(&pt, &hw, NULL, 0, 40), 0);
    root = pt.root[0];
    uint64_t level0 = root[0];
    CHECK_EQ(ptedit_unmap(&ops, root, 0x1000, 0x7ffffff000), 0); // the first 512 GiB
    CHECK_EQ(tables, 0);
    CHECK_EQ(root[0], level0); // spaces have copies of it
    ptregion_t r;
    CHECK(ptwalk_region(root, 0, 0, &r));
    CHECK_EQ(r.va, 0x8000000000); // the second half is still there
    CHECK_EQ(r.size, 0x8000000000);
    CHECK_EQ(ptedit_map(&ops, root, 0x40000000, 0x40000000, 0x1000, pt_leaf_bits(MT_NC, 0)), 0);
    CHECK(ptwalk_region(root, 0, 0, &r));
    CHECK_EQ(r.va, 0x40000000);
    CHECK_EQ(r.size, 0x1000);
}

TEST(tables_take_rights_away) {
    begin(10);
    uint64_t bits = pt_leaf_bits(MT_NORMAL, PT_W | PT_USER | PT_X);
    CHECK_EQ(ptedit_map(&ops, root, VA0, 0x1000, 0x1000, bits), 0);
    ptstep_t steps[4];
    CHECK_EQ(ptwalk(root, VA0, steps), 4);
    uint64_t leaf = 0x1000 | bits | DESC_TABLE;
    CHECK_EQ(ptwalk_leaf(steps, 4), leaf);
    steps[0].desc |= DESC_AP_TABLE_RO;
    CHECK_EQ(ptwalk_leaf(steps, 4), leaf | DESC_AP_RO);
    steps[1].desc |= DESC_UXN_TABLE | DESC_PXN_TABLE;
    CHECK_EQ(ptwalk_leaf(steps, 4), leaf | DESC_AP_RO | DESC_PXN | DESC_UXN);
    steps[2].desc |= DESC_AP_TABLE_NO_USER;
    CHECK_EQ(ptwalk_leaf(steps, 4), (leaf | DESC_AP_RO | DESC_PXN | DESC_UXN) & ~DESC_AP_USER);
}

TEST(bad_ranges) {
    begin(10);
    CHECK(ptedit_map(&ops, root, VA0, 0, 0, 1) == PTEDIT_BAD_RANGE);
    CHECK(ptedit_map(&ops, root, VA0 + 1, 0, 0x1000, 1) == PTEDIT_BAD_RANGE);
    CHECK(ptedit_map(&ops, root, VA0, 8, 0x1000, 1) == PTEDIT_BAD_RANGE);
    CHECK(ptedit_map(&ops, root, VA0, 0, 0x1001, 1) == PTEDIT_BAD_RANGE);
    CHECK(ptedit_map(&ops, root, VA0, 1ull << 48, 0x1000, 1) == PTEDIT_BAD_RANGE);
    CHECK(ptedit_map(&ops, root, VA0, 0xfffffffff000, 0x2000, 1) == PTEDIT_BAD_RANGE);
    CHECK(ptedit_map(&ops, root, 1ull << 48, 0, 0x1000, 1) == PTEDIT_BAD_RANGE);
    CHECK(ptedit_unmap(&ops, root, 0xfffffffff000, 0x2000) == PTEDIT_BAD_RANGE);
    CHECK(ptedit_unmap(&ops, root, 0xfffffffffffff000, 0x2000) == PTEDIT_BAD_RANGE);
    CHECK(ptedit_protect(&ops, root, VA0, 0x1000, 0, 0) == PTEDIT_NOT_MAPPED);
    CHECK(ptedit_map(&ops, root, VA0, 0x1000, 1ull << 46, 1) == PTEDIT_NO_MEMORY); // soon
    CHECK_EQ(tables, 0);
    ptstep_t steps[4];
    CHECK_EQ(ptwalk(root, 1ull << 52, steps), 0);
}
