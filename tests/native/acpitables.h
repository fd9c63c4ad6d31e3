// SPDX-License-Identifier: MIT
// Builds ACPI tables in a physical image for the tests of the reader, and runs it.

#ifndef PYRALLAX_TESTS_ACPITABLES_H
#define PYRALLAX_TESTS_ACPITABLES_H

#include "../../boot/acpi.h"
#include "../../boot/log.h"
#include "check.h"
#include "physimage.h"

static uint8_t ram[256 * 1024];
static size_t used;
static uint64_t roots[300];
static size_t root_count;
static char text[65536];
static hw_config_t hw;

__attribute__((unused)) static void w8(size_t at, uint8_t v) {
    ram[at] = v;
}
__attribute__((unused)) static void w16(size_t at, uint16_t v) {
    memcpy(ram + at, &v, 2);
}
__attribute__((unused)) static void w32(size_t at, uint32_t v) {
    memcpy(ram + at, &v, 4);
}
__attribute__((unused)) static void w64(size_t at, uint64_t v) {
    memcpy(ram + at, &v, 8);
}

__attribute__((unused)) static void fix_sum(size_t at, size_t len, size_t sum_at) {
    uint8_t sum = 0;
    ram[at + sum_at] = 0;
    for (size_t i = 0; i < len; i++) {
        sum = (uint8_t)(sum + ram[at + i]);
    }
    ram[at + sum_at] = (uint8_t)-sum;
}

__attribute__((unused)) static void begin(void) {
    memset(ram, 0, sizeof(ram));
    memset(&hw, 0, sizeof(hw));
    used = 4096;
    root_count = 0;
    log_init(text, sizeof(text) - 1);
}

// A table of len bytes, listed in the root table.  Offset in ram.  seal() after filling.
__attribute__((unused)) static size_t table(const char *sig, uint32_t len) {
    size_t at = used;
    used = (used + len + 63) & ~(size_t)63;
    memcpy(ram + at, sig, 4);
    w32(at + 4, len);
    roots[root_count++] = PHYS_BASE + at;
    return at;
}

__attribute__((unused)) static void seal(size_t at) {
    uint32_t len;
    memcpy(&len, ram + at + 4, 4);
    fix_sum(at, len, 9);
}

__attribute__((unused)) static int read_rsdp(uint64_t phys) {
    physimage_t image = {.data = ram, .len = sizeof(ram)};
    physmem_t mem = {physimage_map, &image};
    int ret = acpi_read(&mem, phys, &hw);
    physimage_free(&image);
    text[log_len()] = '\0';
    return ret;
}

__attribute__((unused)) static void put_rsdp(int revision, uint64_t root) {
    memcpy(ram, "RSD PTR ", 8);
    w8(15, (uint8_t)revision);
    w32(16, revision == 0 ? (uint32_t)root : 0);
    fix_sum(0, 20, 8);
    if (revision >= 2) {
        w32(20, 36);
        w64(24, root);
        fix_sum(0, 36, 32);
    }
}

__attribute__((unused)) static int run(int revision) {
    size_t entry = revision >= 2 ? 8 : 4;
    size_t at = used;
    memcpy(ram + at, entry == 8 ? "XSDT" : "RSDT", 4);
    w32(at + 4, (uint32_t)(36 + entry * root_count));
    for (size_t i = 0; i < root_count; i++) {
        memcpy(ram + at + 36 + i * entry, &roots[i], entry);
    }
    seal(at);
    put_rsdp(revision, PHYS_BASE + at);
    return read_rsdp(PHYS_BASE);
}

__attribute__((unused)) static bool logged(const char *line) {
    bool found = strstr(text, line) != NULL;
    if (!found) {
        fprintf(stderr, "no '%s' in:\n%s", line, text);
    }
    return found;
}

__attribute__((unused)) static size_t gicc(size_t at, uint64_t mpidr, uint32_t flags) {
    w8(at, 0x0b);
    w8(at + 1, 80);
    w32(at + 12, flags);
    w64(at + 68, mpidr);
    return at + 80;
}

__attribute__((unused)) static size_t gicd(size_t at, uint64_t base, uint8_t version) {
    w8(at, 0x0c);
    w8(at + 1, 24);
    w64(at + 8, base);
    w8(at + 20, version);
    return at + 24;
}

__attribute__((unused)) static size_t gicr(size_t at, uint64_t base, uint32_t len) {
    w8(at, 0x0e);
    w8(at + 1, 16);
    w64(at + 4, base);
    w32(at + 12, len);
    return at + 16;
}

__attribute__((unused)) static size_t v2m(size_t at, uint64_t base, uint32_t flags, uint16_t count,
                                          uint16_t first) {
    w8(at, 0x0d);
    w8(at + 1, 24);
    w64(at + 8, base);
    w32(at + 16, flags);
    w16(at + 20, count);
    w16(at + 22, first);
    return at + 24;
}

__attribute__((unused)) static void dbg2(uint16_t subtype, uint64_t base) {
    size_t at = table("DBG2", 93);
    w32(at + 36, 44);
    w32(at + 40, 1);
    w16(at + 44 + 1, 49);
    w8(at + 44 + 3, 1);
    w16(at + 44 + 12, 0x8000);
    w16(at + 44 + 14, subtype);
    w16(at + 44 + 18, 22);
    w64(at + 44 + 22 + 4, base);
    seal(at);
}

__attribute__((unused)) static void spcr(uint8_t type, uint8_t space, uint64_t base) {
    size_t at = table("SPCR", 80);
    w8(at + 36, type);
    w8(at + 40, space);
    w64(at + 44, base);
    w8(at + 52, 8);
    w32(at + 54, 33);
    seal(at);
}

__attribute__((unused)) static void fadt(uint16_t flags) {
    size_t at = table("FACP", 276);
    w16(at + 129, flags);
    seal(at);
}

__attribute__((unused)) static size_t gtdt(uint32_t len) {
    size_t at = table("GTDT", len);
    w32(at + 56, 30);
    w32(at + 64, 27);
    w32(at + 68, 4);
    return at;
}

__attribute__((unused)) static void parallels(uint16_t uart_subtype) {
    size_t at = table("APIC", 428);
    size_t e = gicd(at + 44, 0x02010000, 3);
    for (uint64_t i = 0; i < 4; i++) {
        e = gicc(e, i, 1);
    }
    e = v2m(e, 0x02250000, 1, 64, 53);
    e = gicr(e, 0x02500000, 0x80000);
    CHECK_EQ(e, at + 428);
    seal(at);
    at = table("MCFG", 60);
    w64(at + 44, 0x02300000);
    seal(at);
    seal(gtdt(96));
    fadt(3);
    dbg2(uart_subtype, 0x02110000);
}

#endif
