// SPDX-License-Identifier: MIT
// sources: modules/ahcicmd/fis.c
#include "../../modules/ahcicmd/fis.h"

#include "check.h"

static const uint8_t *fis(unsigned what, uint64_t lba, uint32_t blocks, unsigned tag) {
    static uint8_t f[FIS_H2D_LEN];
    memset(f, 0xee, sizeof(f));
    fis_rw(f, what, lba, blocks, tag);
    CHECK_EQ(f[0], 0x27);
    CHECK_EQ(f[1], 0x80);
    return f;
}

static uint64_t lba_of(const uint8_t *f) {
    return (uint64_t)(f[4] | f[5] << 8 | f[6] << 16) | (uint64_t)f[8] << 24 | (uint64_t)f[9] << 32 |
           (uint64_t)f[10] << 40;
}

TEST(plain_48_bits) {
    const uint8_t *f = fis(FIS_LBA48, 0x123456789abc, 0x1234, 7);
    CHECK_EQ(f[2], 0x25);
    CHECK_EQ(lba_of(f), 0x123456789abc);
    CHECK_EQ(f[12] | f[13] << 8, 0x1234);
    CHECK_EQ(f[7], 0x40);
    CHECK_EQ(f[3] | f[11] | f[14] | f[15] | f[16] | f[19], 0);
    CHECK_EQ(fis(FIS_LBA48 | FIS_WRITE, 0, 1, 0)[2], 0x35);
    CHECK_EQ(fis(FIS_LBA48 | FIS_WRITE | FIS_FUA, 0, 1, 0)[2], 0x3d);
}

TEST(all_of_a_count_is_zero) {
    CHECK_EQ(fis(FIS_LBA48, 0, 65536, 0)[12] | fis(FIS_LBA48, 0, 65536, 0)[13], 0);
    CHECK_EQ(fis(0, 0, 256, 0)[12], 0);
}

TEST(plain_28_bits) {
    const uint8_t *f = fis(0, 0xfabcdef, 200, 0);
    CHECK_EQ(f[2], 0xc8);
    CHECK_EQ(f[7], 0x4f);
    CHECK_EQ(lba_of(f), 0xabcdef);
    CHECK_EQ(f[12] | f[13] << 8, 200);
    CHECK_EQ(fis(FIS_WRITE, 0, 1, 0)[2], 0xca);
}

TEST(queued) {
    const uint8_t *f = fis(FIS_QUEUED | FIS_LBA48 | FIS_WRITE | FIS_FUA, 0x800000000000, 0x201, 31);
    CHECK_EQ(f[2], 0x61);
    CHECK_EQ(f[3] | f[11] << 8, 0x201);
    CHECK_EQ(f[12], 31 << 3);
    CHECK_EQ(f[13], 0);
    CHECK_EQ(f[7], 0xc0);
    CHECK_EQ(lba_of(f), 0x800000000000);
    CHECK_EQ(fis(FIS_QUEUED | FIS_LBA48, 0, 1, 0)[2], 0x60);
}

TEST(ranges) {
    fis_table_t t;
    CHECK_EQ(fis_range(&t, 0, 0x123456789a, 512), 1);
    CHECK_EQ(t.prd[0].at, 0x3456789a);
    CHECK_EQ(t.prd[0].at_hi, 0x12);
    CHECK_EQ(t.prd[0].last, 511);
    // 4 MiB each; the rest in one of its own, across 4 GiB.
    CHECK_EQ(fis_range(&t, 1, 0xffe00000, 2 * FIS_PRD_BYTES + 2), 4);
    CHECK_EQ(t.prd[1].last, FIS_PRD_BYTES - 1);
    CHECK_EQ(t.prd[2].at, 0x00200000);
    CHECK_EQ(t.prd[2].at_hi, 1);
    CHECK_EQ(t.prd[3].last, 1);
    CHECK_EQ(fis_range(&t, 0, 0, FIS_PRDS * FIS_PRD_BYTES), FIS_PRDS);
    CHECK_EQ(fis_range(&t, 0, 0, FIS_PRDS * FIS_PRD_BYTES + 2), 0);
    CHECK_EQ(fis_range(&t, FIS_PRDS, 0, 2), 0);
}

TEST(header) {
    CHECK_EQ(fis_flags(0, 3), 5 | 3u << 16);
    CHECK_EQ(fis_flags(FIS_WRITE | FIS_ATAPI | FIS_LBA48, 0), 5 | 1 << 5 | 1 << 6);
}
