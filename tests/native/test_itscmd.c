// SPDX-License-Identifier: MIT
// sources: ports/aarch64-parallels/itscmd.c
// area: probe
// ITS commands word by word as Arm IHI 0069H §5.3 draws them, and the sizes of tables.
#include "../../ports/aarch64-parallels/itscmd.h"
#include "check.h"

#define CHECK_CMD(c, a, b, d, e)                                                                   \
    do {                                                                                           \
        its_cmd_t c_ = (c);                                                                        \
        CHECK_EQ(c_.dw[0], a);                                                                     \
        CHECK_EQ(c_.dw[1], b);                                                                     \
        CHECK_EQ(c_.dw[2], d);                                                                     \
        CHECK_EQ(c_.dw[3], e);                                                                     \
    } while (0)

TEST(commands) {
    CHECK_CMD(its_cmd_mapd(0x18, 0x47654300, 9, true), 0x1800000008, 8, 0x8000000047654300, 0);
    CHECK_CMD(its_cmd_mapd(0x18, 0, 9, false), 0x1800000008, 8, 0, 0);
    CHECK_CMD(its_cmd_mapd(0xffff, ~0ull, 1, false), 0xffff00000008, 0, 0x000fffffffffff00, 0);
    CHECK_CMD(its_cmd_mapc(3, 0x080a0000, true), 9, 0, 0x80000000080a0003, 0);
    CHECK_CMD(its_cmd_mapti(0x18, 5, 8197, 3), 0x180000000a, 0x200500000005, 3, 0);
    CHECK_CMD(its_cmd_inv(0x18, 5), 0x180000000c, 5, 0, 0);
    CHECK_CMD(its_cmd_int(0x18, 5), 0x1800000003, 5, 0, 0);
    CHECK_CMD(its_cmd_clear(0x18, 5), 0x1800000004, 5, 0, 0);
    CHECK_CMD(its_cmd_discard(0x18, 5), 0x180000000f, 5, 0, 0);
    CHECK_CMD(its_cmd_sync(0x080a1234), 5, 0, 0x080a0000, 0);
    CHECK_CMD(its_cmd_invall(3), 0xd, 0, 3, 0);
}

TEST(the_target_is_an_address_or_a_number) {
    uint64_t typer = 0x0000000300000300; // affinity 3, processor number 3
    CHECK_EQ(its_target(true, 0x080a0000, typer), 0x080a0000);
    CHECK_EQ(its_target(false, 0x080a0000, typer), 0x30000);
    CHECK_CMD(its_cmd_sync(its_target(false, 0, 0xffff00)), 5, 0, 0xffff0000, 0);
}

TEST(table_sizes) {
    CHECK_EQ(its_table_pages(65536, 8, 0x10000), 8);
    CHECK_EQ(its_table_pages(65536, 8, 0x1000), 128);
    CHECK_EQ(its_table_pages(1, 8, 0x10000), 1);
    CHECK_EQ(its_table_pages(0, 8, 0x1000), 1);
    CHECK_EQ(its_table_pages(65537, 1, 0x10000), 2);
    CHECK_EQ(its_table_pages(1ull << 32, 32, 0x10000), 256); // as many as the field holds
}

TEST(table_registers) {
    uint64_t device = 1ull << 56 | 7ull << 48; // type device, 8 bytes an entry
    CHECK_EQ(GITS_BASER_TYPE(device), GITS_BASER_DEVICE);
    CHECK_EQ(GITS_BASER_ENTRY(device), 8);
    CHECK_EQ(its_baser(device, 0x47650000, 0x10000, 8, true), 0xb907000047650607);
    CHECK_EQ(its_baser(device, 0x47650000, 0x4000, 256, false), 0x89070000476501ff);
    CHECK_EQ(its_baser(device, 0x47651000, 0x1000, 1, true), 0xb907000047651400);
    // What was there before is not carried over, except type and entry size.
    CHECK_EQ(its_baser(device | 0xffffffffffff, 0x47651000, 0x1000, 1, true), 0xb907000047651400);
    // Bits 51:48 of a 64 KiB aligned address lie in 15:12.
    CHECK_EQ(its_baser(0, 0x000a000000010000, 0x10000, 1, false), 0x880000000001a200);
}

TEST(translation_tables) {
    CHECK_EQ(its_itt_size(12, 9), 6144);
    CHECK_EQ(its_itt_size(8, 1), 256);
    CHECK_EQ(its_itt_size(16, 5), 512);
}
