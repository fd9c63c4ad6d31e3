// SPDX-License-Identifier: MIT
// CRC-32C (Castagnoli).

#include "ext2c.h"

#define CRC_POLY 0x82f63b78u
#define CRC_INSN "crc32c"
#include "boot/crc32impl.h"

uint32_t ext2c_crc32c(uint32_t crc, const uint8_t *p, size_t len) {
    return crc_update(crc, p, len);
}
