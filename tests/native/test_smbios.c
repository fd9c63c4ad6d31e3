// SPDX-License-Identifier: MIT
// sources: boot/smbios.c boot/log.c
#include "../../boot/smbios.h"
#include "../../boot/log.h"
#include "check.h"
#include "physimage.h"

static uint8_t ram[8192];
static hw_config_t hw;
static char text[4096];

static void fix_sum(size_t at, size_t len, size_t sum_at) {
    uint8_t sum = 0;
    ram[at + sum_at] = 0;
    for (size_t i = 0; i < len; i++) {
        sum = (uint8_t)(sum + ram[at + i]);
    }
    ram[at + sum_at] = (uint8_t)-sum;
}

static size_t type1(size_t at, const char *strings, size_t len) {
    ram[at] = 1;
    ram[at + 1] = 27;
    ram[at + 4] = 1;
    ram[at + 5] = 2;
    for (uint8_t i = 0; i < 16; i++) {
        ram[at + 8 + i] = (uint8_t)(i + 1);
    }
    memcpy(ram + at + 27, strings, len);
    return at + 27 + len;
}

static void begin3(uint32_t max) {
    memset(ram, 0, sizeof(ram));
    memset(&hw, 0, sizeof(hw));
    memset(text, 0, sizeof(text));
    log_init(text, sizeof(text) - 1);
    uint64_t table = PHYS_BASE + 4096;
    memcpy(ram, "_SM3_", 5);
    ram[6] = 24;
    memcpy(ram + 12, &max, 4);
    memcpy(ram + 16, &table, 8);
    fix_sum(0, 24, 5);
}

static int run(void) {
    physimage_t image = {.data = ram, .len = sizeof(ram)};
    physmem_t mem = {physimage_map, &image};
    int ret = smbios_read(&mem, PHYS_BASE, &hw);
    physimage_free(&image);
    return ret;
}

TEST(version_3) {
    begin3(4096);
    memcpy(ram + 4096, "\0\4\0\0BIOS\0\0", 10);
    type1(4106, "Parallels \xffGmbH\0Parallels ARM Virtual Machine\0", 45);
    CHECK_EQ(run(), 0);
    CHECK_STR(hw.vendor, "Parallels ?GmbH");
    CHECK_STR(hw.product, "Parallels ARM Virtual Machine");
    CHECK_EQ(hw.uuid[0], 1);
    CHECK_EQ(hw.uuid[15], 16);
    CHECK_EQ(hw.smbios, PHYS_BASE);
}

TEST(version_2) {
    begin3(0);
    memset(ram, 0, 64);
    memcpy(ram, "_SM_", 4);
    ram[5] = 31;
    memcpy(ram + 16, "_DMI_", 5);
    uint16_t len = 200;
    uint32_t table = PHYS_BASE + 4096;
    memcpy(ram + 22, &len, 2);
    memcpy(ram + 24, &table, 4);
    fix_sum(16, 15, 5);
    fix_sum(0, 31, 4);
    type1(4096, "A\0B\0", 5);
    CHECK_EQ(run(), 0);
    CHECK_STR(hw.vendor, "A");
    CHECK_STR(hw.product, "B");
    ram[23] ^= 1;
    CHECK_EQ(run(), -1);
    CHECK(strstr(text, "reason=bad-checksum") != NULL);
}

TEST(long_names_are_cut) {
    begin3(4096);
    char strings[200];
    memset(strings, 'n', sizeof(strings));
    memcpy(strings + 197, "\0\0", 3);
    type1(4096, strings, 200);
    CHECK_EQ(run(), 0);
    CHECK_EQ(strlen(hw.vendor), HW_NAME_LEN - 1);
    CHECK_STR(hw.product, ""); // string 2 does not exist
}

TEST(refused) {
    begin3(4096);
    ram[10] ^= 1;
    CHECK_EQ(run(), -1);
    CHECK(strstr(text, "reason=bad-checksum") != NULL);
    begin3(4096);
    ram[0] = 'X';
    CHECK_EQ(run(), -1);
    CHECK(strstr(text, "reason=bad-signature") != NULL);
    begin3(0xffffffff);
    CHECK_EQ(run(), -1);
    CHECK(strstr(text, "reason=table-not-in-ram") != NULL);
    begin3(4096);
    ram[6] = 255;
    CHECK_EQ(run(), -1);
    begin3(4096);
    ram[6] = 3;
    CHECK_EQ(run(), -1);
    CHECK(strstr(text, "reason=bad-length") != NULL);
}

TEST(structures_that_do_not_end) {
    begin3(64);
    memset(ram + 4096, 'x', 4096);
    CHECK_EQ(run(), -1);
    begin3(40);
    type1(4096, "No end", 6);
    memset(ram + 4096 + 33, 'x', 100);
    CHECK_EQ(run(), -1);
    CHECK(strstr(text, "reason=no-system-information") != NULL);
    begin3(4096); // all zero: structures of length 0
    CHECK_EQ(run(), -1);
}

TEST(string_number_beyond_the_set) {
    begin3(4096);
    type1(4096, "A\0B\0", 5);
    ram[4096 + 4] = 255;
    CHECK_EQ(run(), 0);
    CHECK_STR(hw.vendor, "");
}
