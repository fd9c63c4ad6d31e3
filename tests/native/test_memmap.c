// SPDX-License-Identifier: MIT
// sources: boot/memmap.c boot/memmap_query.c boot/log.c
#include "../../boot/memmap.h"
#include "../../boot/log.h"
#include "check.h"

#define WB 0xfull
#define NO_WB 0x7ull
#define MAX 3000

typedef struct {
    uint32_t type;
    uint32_t pad;
    uint64_t base;
    uint64_t virt;
    uint64_t pages;
    uint64_t attribute;
    uint64_t extra; // descriptors are larger than the structure on every edk2
} desc_t;

static desc_t map[MAX];
static size_t count;
static hw_config_t hw;
static char text[65536];

static void begin(void) {
    count = 0;
    memset(&hw, 0, sizeof(hw));
    memset(text, 0, sizeof(text));
    log_init(text, sizeof(text) - 1);
}

static void add(uint32_t type, uint64_t base, uint64_t pages, uint64_t attribute) {
    map[count++] = (desc_t) {.type = type, .base = base, .pages = pages, .attribute = attribute};
}

static void invariants(void) {
    CHECK(hw.mem_count <= HW_MAX_MEM);
    uint64_t at = 0;
    for (uint32_t i = 0; i < hw.mem_count; i++) {
        const hw_mem_t *m = &hw.mem[i];
        CHECK(m->base >= at && m->size > 0 && (m->base | m->size) % 4096 == 0);
        CHECK(m->base + m->size > m->base);
        CHECK(i == 0 || m->base > at || m->kind != hw.mem[i - 1].kind); // merged
        CHECK(m->kind >= HW_MEM_FREE && m->kind <= HW_MEM_MMIO);
        CHECK(m->base != 0 || m->kind != HW_MEM_FREE);
        at = m->base + m->size;
    }
}

static const char *convert(const hw_mem_t *keep, size_t nkeep) {
    const char *reason =
        memmap_convert(map, count * sizeof(desc_t), sizeof(desc_t), keep, nkeep, 44, &hw);
    text[log_len()] = '\0';
    if (reason == NULL) {
        invariants();
    }
    return reason;
}

static void entry(uint32_t i, uint64_t base, uint64_t size, uint32_t kind) {
    CHECK(i < hw.mem_count);
    CHECK_EQ(hw.mem[i].base, base);
    CHECK_EQ(hw.mem[i].size, size);
    CHECK_EQ(hw.mem[i].kind, kind);
}

TEST(kinds) {
    begin();
    for (uint32_t type = 0; type < 16; type++) {
        add(type, 0x40000000 + type * 0x10000ull, 1, WB);
    }
    CHECK_STR(convert(NULL, 0), NULL);
    static const uint8_t want[16] = {HW_MEM_RESERVED,
                                     HW_MEM_FREE,
                                     HW_MEM_FREE,
                                     HW_MEM_FREE,
                                     HW_MEM_FREE,
                                     HW_MEM_FIRMWARE,
                                     HW_MEM_FIRMWARE,
                                     HW_MEM_FREE,
                                     0,
                                     HW_MEM_ACPI,
                                     HW_MEM_ACPI,
                                     HW_MEM_MMIO,
                                     HW_MEM_MMIO,
                                     HW_MEM_RESERVED,
                                     HW_MEM_RESERVED,
                                     0};
    uint32_t at = 0;
    for (uint32_t type = 0; type < 16; type++) {
        if (want[type] != 0) {
            entry(at, 0x40000000 + type * 0x10000ull, 4096, want[type]);
            CHECK_EQ(hw.mem[at].type, type);
            at++;
        }
    }
    CHECK_EQ(hw.mem_count, at);
    CHECK_STR(text, "");
}

TEST(not_write_back_is_not_ram) {
    begin();
    add(7, 0x40000000, 16, NO_WB);
    add(0, 0x50000000, 16, NO_WB);
    add(11, 0x09000000, 1, 0);
    CHECK_STR(convert(NULL, 0), NULL);
    CHECK_EQ(hw.mem_count, 1);
    entry(0, 0x09000000, 4096, HW_MEM_MMIO);
}

TEST(silence_about_caching_is_believed_in_types_of_memory) {
    begin();
    add(7, 0x40000000, 16, 0);
    add(9, 0x40010000, 16, 0);
    add(0, 0x50000000, 16, 0); // reserved may be anything
    CHECK_STR(convert(NULL, 0), NULL);
    CHECK_EQ(hw.mem_count, 2);
    entry(0, 0x40000000, 0x10000, HW_MEM_FREE);
    entry(1, 0x40010000, 0x10000, HW_MEM_ACPI);
}

TEST(unsorted_and_merged) {
    begin();
    add(7, 0x40300000, 0x100, WB);
    add(3, 0x40100000, 0x100, WB);
    add(4, 0x40200000, 0x100, WB);
    add(2, 0x40000000, 0x100, WB);
    CHECK_STR(convert(NULL, 0), NULL);
    CHECK_EQ(hw.mem_count, 1);
    entry(0, 0x40000000, 0x400000, HW_MEM_FREE);
    CHECK_STR(text, "");
}

TEST(page_0_is_never_free) {
    begin();
    add(7, 0, 0x100, WB);
    CHECK_STR(convert(NULL, 0), NULL);
    entry(0, 0x1000, 0xff000, HW_MEM_FREE);
    begin();
    add(0, 0, 1, WB);
    CHECK_STR(convert(NULL, 0), NULL);
    entry(0, 0, 0x1000, HW_MEM_RESERVED);
}

TEST(overlap_becomes_the_more_cautious) {
    begin();
    add(11, 0x40004000, 4, 0);
    add(7, 0x40000000, 16, WB);
    add(5, 0x40006000, 4, WB);
    add(8, 0x40009000, 1, WB);
    CHECK_STR(convert(NULL, 0), NULL);
    CHECK_EQ(hw.mem_count, 4);
    entry(0, 0x40000000, 0x4000, HW_MEM_FREE);
    entry(1, 0x40004000, 0x4000, HW_MEM_MMIO);
    entry(2, 0x40008000, 0x1000, HW_MEM_FIRMWARE);
    entry(3, 0x4000a000, 0x6000, HW_MEM_FREE);
    CHECK(strstr(text, "reason=overlap") != NULL);
}

TEST(kept_ranges_win) {
    begin();
    add(7, 0x40000000, 0x1000, WB);
    add(0, 0x41000000, 0x10, WB);
    static const hw_mem_t keep[] = {
        {0x40ff0000, 0x20000, HW_MEM_FB, 0},
        {0x40100000, 0x10000, HW_MEM_BOOT, 2},
        {0x40110000, 0x10000, HW_MEM_BOOT, 2},
        {0x40120000, 0x10000, HW_MEM_IMAGE, 1},
    };
    CHECK_STR(convert(keep, 4), NULL);
    CHECK_EQ(hw.mem_count, 5);
    entry(0, 0x40000000, 0x100000, HW_MEM_FREE);
    entry(1, 0x40100000, 0x20000, HW_MEM_BOOT);
    entry(2, 0x40120000, 0x10000, HW_MEM_IMAGE);
    entry(3, 0x40130000, 0xec0000, HW_MEM_FREE);
    entry(4, 0x40ff0000, 0x20000, HW_MEM_FB);
    CHECK_STR(text, "");
    CHECK(memmap_is_ram(&hw, 0x40000000, 0xff0000));
    CHECK(!memmap_is_ram(&hw, 0x40000000, 0xff0001));
    CHECK(!memmap_is_ram(&hw, 0x3fffffff, 2));
    CHECK(!memmap_is_ram(&hw, 0x40000000, 0));
    CHECK(!memmap_is_ram(&hw, ~0ull, 2));
    CHECK(memmap_touches_ram(&hw, 0x3fffffff, 2));
    CHECK(!memmap_touches_ram(&hw, 0x3fffffff, 1));
    CHECK(!memmap_touches_ram(&hw, 0x41020000, 0x1000));
    CHECK_EQ(memmap_total(&hw, HW_MEM_BOOT), 0x20000);
    static const hw_mem_t bad[] = {{0x40000100, 0x1000, HW_MEM_BOOT, 0}};
    CHECK_STR(convert(bad, 1), "bad-kept-range");
}

TEST(clipped) {
    begin();
    add(7, 0x40000000, ~0ull, WB);
    add(7, 0xfffffffffffff000, 2, WB);
    add(7, 0x40000000, 0, WB);
    CHECK_STR(convert(NULL, 0), NULL);
    CHECK_EQ(hw.mem_count, 1);
    entry(0, 0x40000000, (1ull << 40) - 0x40000000, HW_MEM_FREE);
    CHECK(strstr(text, "reason=clipped-to-address-space") != NULL);
    CHECK(strstr(text, "reason=beyond-address-space") != NULL);
    CHECK(strstr(text, "reason=empty") != NULL);
}

TEST(not_page_aligned) {
    begin();
    add(7, 0x40000800, 2, WB);
    add(0, 0x50000800, 2, WB);
    CHECK_STR(convert(NULL, 0), NULL);
    entry(0, 0x40001000, 0x1000, HW_MEM_FREE);
    entry(1, 0x50000000, 0x3000, HW_MEM_RESERVED);
    CHECK(strstr(text, "reason=not-page-aligned") != NULL);
}

TEST(bad_shapes) {
    begin();
    add(7, 0x40000000, 1, WB);
    CHECK_STR(memmap_convert(map, 48, 0, NULL, 0, 44, &hw), "bad-descriptor-size");
    CHECK_STR(memmap_convert(map, 48, 24, NULL, 0, 44, &hw), "bad-descriptor-size");
    CHECK_STR(memmap_convert(map, 48, 44, NULL, 0, 44, &hw), "bad-descriptor-size");
    CHECK_STR(memmap_convert(map, 0, 48, NULL, 0, 44, &hw), "bad-map-size");
    CHECK_STR(memmap_convert(map, 48ull * 5000, 48, NULL, 0, 44, &hw), "bad-map-size");
    CHECK_STR(memmap_convert(map, 48, 48, NULL, 0, 12, &hw), "bad-address-size");
}

TEST(too_fragmented) {
    begin();
    for (uint64_t i = 0; i < 600; i++) {
        add(7, 0x40000000 + i * 0x2000, 1, WB); // free memory that does not fit is only lost
    }
    CHECK_STR(convert(NULL, 0), NULL);
    CHECK_EQ(hw.mem_count, HW_MAX_MEM);
    CHECK(strstr(text, "reason=no-room") != NULL);
    add(5, 0x30000000, 1, WB); // firmware's is not
    CHECK_STR(convert(NULL, 0), "map-too-fragmented");
    begin();
    for (uint64_t i = 0; i < 600; i++) {
        add(7, 0x40000000 + (599 - i) * 0x1000, 1, WB); // backwards, but all one piece
    }
    CHECK_STR(convert(NULL, 0), NULL);
    CHECK_EQ(hw.mem_count, 1);
}

TEST(random_maps) {
    uint64_t x = 88172645463325252ull;
    for (int round = 0; round < 300; round++) {
        begin();
        int n = 1 + round % 120;
        for (int i = 0; i < n; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            add((uint32_t)(x % 17), 0x1000 * ((x >> 8) % 4096), (x >> 24) % 64,
                (x >> 32) & 8 ? WB : NO_WB);
        }
        CHECK_STR(convert(NULL, 0), NULL);
        for (uint64_t page = 0; page < 4200; page++) { // page by page: what the descriptors say
            int best = -1;
            static const int8_t rank[] = {5, 0, -1, -1, 3,
                                          2, 1, -1, 4}; // by hw_mem_kind_t; 0 is a hole
            uint32_t kind = 0;
            for (size_t i = 0; i < count; i++) {
                const desc_t *d = &map[i];
                if (page * 4096 < d->base || page >= d->base / 4096 + d->pages) {
                    continue;
                }
                static const uint8_t kinds[] = {6, 1, 1, 1, 1, 4, 4, 1, 0, 5, 5, 8, 8, 6, 6, 0, 6};
                uint32_t k = d->type == 11 || d->type == 12 ? 8 :
                             d->attribute == WB             ? kinds[d->type] :
                                                              0;
                if (rank[k] > best) {
                    best = rank[k];
                    kind = k;
                }
            }
            if (page == 0 && kind == HW_MEM_FREE) {
                kind = 0;
            }
            uint32_t got = 0;
            for (uint32_t i = 0; i < hw.mem_count; i++) {
                if (page * 4096 >= hw.mem[i].base &&
                    page * 4096 - hw.mem[i].base < hw.mem[i].size) {
                    got = hw.mem[i].kind;
                }
            }
            if (got != kind) {
                fprintf(stderr, "round %d page %d\n", round, (int)page);
                CHECK_EQ(got, kind);
                return;
            }
        }
    }
}
