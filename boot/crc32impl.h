// SPDX-License-Identifier: MIT
// A CRC of 32 bits, reflected: the CPU's instruction where there is one (ID_AA64ISAR0_EL1.CRC32), else a table.  The
// includer defines CRC_POLY and CRC_INSN ("crc32" or "crc32c") and gets crc_update(), which inverts nothing.

#include <stddef.h>
#include <stdint.h>

static uint32_t by_table(uint32_t crc, const uint8_t *p, size_t len) {
    static uint32_t table[256];
    // Entry 1 comes last: another CPU, or an interrupt, that finds it there finds all.
    if (__atomic_load_n(&table[1], __ATOMIC_ACQUIRE) == 0) {
        for (uint32_t i = 255; i != 0; i--) {
            uint32_t c = i;
            for (int bit = 0; bit < 8; bit++) {
                c = (c >> 1) ^ ((c & 1) ? CRC_POLY : 0);
            }
            __atomic_store_n(&table[i], c, __ATOMIC_RELEASE);
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
        __asm__(".arch_extension crc\n\t" CRC_INSN "x %w0, %w0, %1" : "+r"(crc) : "r"(v));
    }
    for (; len > 0; len--, p++) {
        __asm__(".arch_extension crc\n\t" CRC_INSN "b %w0, %w0, %w1" : "+r"(crc) : "r"(*p));
    }
    return crc;
}

static uint32_t crc_update(uint32_t crc, const uint8_t *p, size_t len) {
    // Read once: a hypervisor may trap ID registers (HCR_EL2.TID3).
    static uint64_t isar0;
    if (isar0 == 0) {
        __asm__("mrs %0, id_aa64isar0_el1" : "=r"(isar0)); // bits 19:16 CRC32
    }
    return ((isar0 >> 16) & 15) != 0 ? by_cpu(crc, p, len) : by_table(crc, p, len);
}

#else

static uint32_t crc_update(uint32_t crc, const uint8_t *p, size_t len) {
    return by_table(crc, p, len);
}

#endif
