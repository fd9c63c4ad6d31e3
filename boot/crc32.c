// SPDX-License-Identifier: MIT
// CRC-32 of IEEE 802.3: the CPU's instruction where there is one (ID_AA64ISAR0_EL1.CRC32), else a table.

#include "crc32.h"
#include "hwconfig.h"

#define POLY 0xedb88320u

static uint32_t by_table(uint32_t crc, const uint8_t *p, size_t len) {
    static uint32_t table[256];
    if (table[1] == 0) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int bit = 0; bit < 8; bit++) {
                c = (c >> 1) ^ ((c & 1) ? POLY : 0);
            }
            table[i] = c;
        }
    }
    while (len-- > 0) {
        crc = (crc >> 8) ^ table[(crc ^ *p++) & 255];
    }
    return crc;
}

#if defined(__aarch64__) && !defined(PYRALLAX_HOST)

static uint32_t by_cpu(uint32_t crc, const uint8_t *p, size_t len) {
    for (; len >= 8; len -= 8, p += 8) {
        uint64_t v;
        __builtin_memcpy(&v, p, 8);
        __asm__(".arch_extension crc\n\tcrc32x %w0, %w0, %1" : "+r"(crc) : "r"(v));
    }
    for (; len > 0; len--, p++) {
        __asm__(".arch_extension crc\n\tcrc32b %w0, %w0, %w1" : "+r"(crc) : "r"(*p));
    }
    return crc;
}

static uint32_t update(uint32_t crc, const uint8_t *p, size_t len) {
    uint64_t isar0;
    __asm__("mrs %0, id_aa64isar0_el1" : "=r"(isar0)); // bits 19:16 CRC32
    return ((isar0 >> 16) & 15) != 0 ? by_cpu(crc, p, len) : by_table(crc, p, len);
}

#else

static uint32_t update(uint32_t crc, const uint8_t *p, size_t len) {
    return by_table(crc, p, len);
}

#endif

uint32_t hw_crc32_update(uint32_t crc, const void *buf, size_t len) {
    return ~update(~crc, buf, len);
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
