// SPDX-License-Identifier: MIT
// sources: boot/crc32.c modules/ext2c/crc32c.c
#include "../../boot/crc32.h"
#include "../../boot/hwconfig.h"
#include "../../modules/ext2c/ext2c.h"
#include "check.h"

TEST(check_value) {
    CHECK_EQ(hw_crc32("123456789", 9), 0xcbf43926); // the catalogue's check value of CRC-32
    CHECK_EQ(hw_crc32("", 0), 0);
}

TEST(check_value_of_crc32c) {
    CHECK_EQ(~ext2c_crc32c(~0u, (const uint8_t *)"123456789", 9), 0xe3069283);
    uint32_t first = ext2c_crc32c(~0u, (const uint8_t *)"1234", 4);
    CHECK_EQ(~ext2c_crc32c(first, (const uint8_t *)"56789", 5), 0xe3069283);
}

TEST(pieces) {
    uint8_t data[1000];
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 7 + i / 3);
    }
    uint32_t whole = hw_crc32(data, sizeof(data));
    for (size_t cut = 0; cut <= sizeof(data); cut += 13) {
        uint32_t crc = hw_crc32_update(0, data, cut);
        CHECK_EQ(hw_crc32_update(crc, data + cut, sizeof(data) - cut), whole);
    }
}

TEST(config_ignores_its_own_field) {
    static hw_config_t hw = {.magic = HW_MAGIC, .version = HW_VERSION};
    uint32_t crc = hw_config_crc(&hw);
    CHECK_EQ(crc, hw_crc32(&hw, sizeof(hw))); // crc field is 0 here
    hw.crc = crc;
    CHECK_EQ(hw_config_crc(&hw), crc);
    hw.mem[HW_MAX_MEM - 1].type ^= 1;
    CHECK(hw_config_crc(&hw) != crc);
}
