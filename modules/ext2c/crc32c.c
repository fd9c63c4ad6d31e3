// SPDX-License-Identifier: MIT
// CRC-32C (Castagnoli), bits reflected: the CPU's instruction where there is one, else a table.

#include "ext2c.h"

#include <string.h>

#define POLY 0x82f63b78u

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

#if defined(__aarch64__)

static uint32_t by_cpu(uint32_t crc, const uint8_t *p, size_t len) {
    for (; len >= 8; len -= 8, p += 8) {
        uint64_t v;
        memcpy(&v, p, 8);
        __asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %1" : "+r"(crc) : "r"(v));
    }
    for (; len > 0; len--, p++) {
        __asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(crc) : "r"(*p));
    }
    return crc;
}

uint32_t ext2c_crc32c(uint32_t crc, const uint8_t *p, size_t len) {
    // Read once: a hypervisor may trap ID registers (HCR_EL2.TID3).
    static uint64_t isar0;
    if (isar0 == 0) {
        __asm__("mrs %0, id_aa64isar0_el1" : "=r"(isar0)); // bits 19:16 CRC32
    }
    return ((isar0 >> 16) & 15) != 0 ? by_cpu(crc, p, len) : by_table(crc, p, len);
}

#else

uint32_t ext2c_crc32c(uint32_t crc, const uint8_t *p, size_t len) {
    return by_table(crc, p, len);
}

#endif
