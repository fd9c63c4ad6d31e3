// SPDX-License-Identifier: MIT
// CRC-32 of IEEE 802.3.

#include "crc32.h"
#include "hwconfig.h"

#define CRC_POLY 0xedb88320u
#define CRC_INSN "crc32"
#include "crc32impl.h"

uint32_t hw_crc32_update(uint32_t crc, const void *buf, size_t len) {
    return ~crc_update(~crc, buf, len);
}

uint32_t hw_crc32(const void *buf, size_t len) {
    return hw_crc32_update(0, buf, len);
}

uint32_t hw_config_crc(const hw_config_t *hw) {
    static const uint32_t zero;
    const size_t at = offsetof(hw_config_t, crc);
    const uint8_t *p = (const uint8_t *)hw;
    uint32_t crc = hw_crc32_update(0, p, at);
    crc = hw_crc32_update(crc, &zero, sizeof(zero));
    return hw_crc32_update(crc, p + at + sizeof(zero), sizeof(*hw) - at - sizeof(zero));
}
