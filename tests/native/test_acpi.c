// SPDX-License-Identifier: MIT
// sources: boot/acpi.c boot/acpi_madt.c boot/acpi_tables.c boot/acpi_uart.c boot/log.c
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

static void w8(size_t at, uint8_t v) {
    ram[at] = v;
}
static void w16(size_t at, uint16_t v) {
    memcpy(ram + at, &v, 2);
}
static void w32(size_t at, uint32_t v) {
    memcpy(ram + at, &v, 4);
}
static void w64(size_t at, uint64_t v) {
    memcpy(ram + at, &v, 8);
}

static void fix_sum(size_t at, size_t len, size_t sum_at) {
    uint8_t sum = 0;
    ram[at + sum_at] = 0;
    for (size_t i = 0; i < len; i++) {
        sum = (uint8_t)(sum + ram[at + i]);
    }
    ram[at + sum_at] = (uint8_t)-sum;
}

static void begin(void) {
    memset(ram, 0, sizeof(ram));
    memset(&hw, 0, sizeof(hw));
    used = 4096;
    root_count = 0;
    log_init(text, sizeof(text) - 1);
}

// A table of len bytes, listed in the root table.  Offset in ram.  seal() after filling.
static size_t table(const char *sig, uint32_t len) {
    size_t at = used;
    used = (used + len + 63) & ~(size_t)63;
    memcpy(ram + at, sig, 4);
    w32(at + 4, len);
    roots[root_count++] = PHYS_BASE + at;
    return at;
}

static void seal(size_t at) {
    uint32_t len;
    memcpy(&len, ram + at + 4, 4);
    fix_sum(at, len, 9);
}

static int read_rsdp(uint64_t phys) {
    physimage_t image = {.data = ram, .len = sizeof(ram)};
    physmem_t mem = {physimage_map, &image};
    int ret = acpi_read(&mem, phys, &hw);
    physimage_free(&image);
    text[log_len()] = '\0';
    return ret;
}

static void put_rsdp(int revision, uint64_t root) {
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

static int run(int revision) {
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

static bool logged(const char *line) {
    bool found = strstr(text, line) != NULL;
    if (!found) {
        fprintf(stderr, "no '%s' in:\n%s", line, text);
    }
    return found;
}

static size_t gicc(size_t at, uint64_t mpidr, uint32_t flags) {
    w8(at, 0x0b);
    w8(at + 1, 80);
    w32(at + 12, flags);
    w64(at + 68, mpidr);
    return at + 80;
}

static size_t gicd(size_t at, uint64_t base, uint8_t version) {
    w8(at, 0x0c);
    w8(at + 1, 24);
    w64(at + 8, base);
    w8(at + 20, version);
    return at + 24;
}

static size_t gicr(size_t at, uint64_t base, uint32_t len) {
    w8(at, 0x0e);
    w8(at + 1, 16);
    w64(at + 4, base);
    w32(at + 12, len);
    return at + 16;
}

static size_t v2m(size_t at, uint64_t base, uint32_t flags, uint16_t count, uint16_t first) {
    w8(at, 0x0d);
    w8(at + 1, 24);
    w64(at + 8, base);
    w32(at + 16, flags);
    w16(at + 20, count);
    w16(at + 22, first);
    return at + 24;
}

static void dbg2(uint16_t subtype, uint64_t base) {
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

static void spcr(uint8_t type, uint8_t space, uint64_t base) {
    size_t at = table("SPCR", 80);
    w8(at + 36, type);
    w8(at + 40, space);
    w64(at + 44, base);
    w8(at + 52, 8);
    w32(at + 54, 33);
    seal(at);
}

static void fadt(uint16_t flags) {
    size_t at = table("FACP", 276);
    w16(at + 129, flags);
    seal(at);
}

static size_t gtdt(uint32_t len) {
    size_t at = table("GTDT", len);
    w32(at + 56, 30);
    w32(at + 64, 27);
    w32(at + 68, 4);
    return at;
}

static void parallels(uint16_t uart_subtype) {
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

TEST(parallels) {
    begin();
    parallels(3);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.gic_version, 3);
    CHECK_EQ(hw.gicd, 0x02010000);
    CHECK_EQ(hw.gicr_count, 1);
    CHECK_EQ(hw.gicr[0].base, 0x02500000);
    CHECK_EQ(hw.gicr[0].size, 0x80000);
    CHECK_EQ(hw.cpu_count, 4);
    CHECK_EQ(hw.cpu_mpidr[3], 3);
    CHECK_EQ(hw.v2m_count, 1);
    CHECK_EQ(hw.v2m[0].spi_base, 53);
    CHECK_EQ(hw.v2m[0].spi_count, 64);
    CHECK_EQ(hw.its_count, 0);
    CHECK_EQ(hw.ecam_count, 1);
    CHECK_EQ(hw.ecam[0].base, 0x02300000);
    CHECK_EQ(hw.ecam[0].bus_last, 0);
    CHECK_EQ(hw.timer_virt_intid, 27);
    CHECK_EQ(hw.psci, HW_PSCI_HVC);
    CHECK_EQ(hw.uart_base, 0x02110000);
    CHECK_EQ(hw.uart_kind, HW_UART_PL011);
    CHECK_EQ(hw.uart_from, HW_FROM_DBG2);
    CHECK_EQ(hw.uart_intid, 32);
    CHECK(hw.flags & HW_F_ACPI);
    CHECK(logged("[shim] table-absent sig=\"SPCR\"\n"));
}

TEST(parallels_uart_subtype_16550) {
    begin();
    parallels(0);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.uart_kind, HW_UART_SBSA);
    CHECK_EQ(hw.uart_from, HW_FROM_DBG2);
}

TEST(parallels_without_dbg2) {
    begin();
    size_t at = table("APIC", 44 + 24);
    gicd(at + 44, 0x02010000, 3);
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.uart_base, 0x02110000);
    CHECK_EQ(hw.uart_from, HW_FROM_DEFAULT);
    CHECK_EQ(hw.uart_intid, 32);
}

TEST(other_16550_is_not_a_uart) {
    begin();
    dbg2(0, 0x09000000);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.uart_kind, HW_UART_NONE);
    CHECK(logged("reason=unknown-subtype"));
}

TEST(spcr_beats_dbg2_in_any_order) {
    for (int order = 0; order < 2; order++) {
        begin();
        if (order == 0) {
            dbg2(3, 0x09001000);
        }
        spcr(3, 0, 0x09000000);
        if (order == 1) {
            dbg2(3, 0x09001000);
        }
        CHECK_EQ(run(2), 0);
        CHECK_EQ(hw.uart_base, 0x09000000);
        CHECK_EQ(hw.uart_from, HW_FROM_SPCR);
        CHECK_EQ(hw.uart_intid, 33);
    }
}

TEST(spcr_in_io_space) {
    begin();
    spcr(3, 1, 0x3f8);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.uart_kind, HW_UART_NONE);
    CHECK(logged("reason=not-memory"));
}

TEST(rsdt_of_revision_0) {
    begin();
    fadt(1);
    CHECK_EQ(run(0), 0);
    CHECK_EQ(hw.psci, HW_PSCI_SMC);
    CHECK(logged("sig=\"RSDT\""));
}

TEST(no_rsdp) {
    begin();
    CHECK_EQ(read_rsdp(0), -1);
    CHECK_EQ(hw.timer_virt_intid, 27);
    CHECK_EQ(hw.timer_phys_intid, 30);
    CHECK_EQ(hw.flags, 0);
    CHECK(logged("reason=absent"));
}

TEST(rsdp_refused) {
    begin();
    CHECK_EQ(run(2), 0);
    ram[9] ^= 1;
    log_init(text, sizeof(text) - 1);
    CHECK_EQ(read_rsdp(PHYS_BASE), -1);
    CHECK(logged("sig=\"RSDP\" phys=0x40000000 reason=bad-checksum"));
    ram[0] = 'X';
    CHECK_EQ(read_rsdp(PHYS_BASE), -1);
    CHECK(logged("reason=bad-signature"));
    CHECK_EQ(read_rsdp(0x1000), -1);
    CHECK(logged("phys=0x1000 reason=not-in-ram"));
    CHECK_EQ(read_rsdp(PHYS_BASE + sizeof(ram) - 10), -1);
    CHECK_EQ(read_rsdp(~0ull - 5), -1);
}

TEST(rsdp_extension_refused) {
    begin();
    fadt(3);
    CHECK_EQ(run(2), 0);
    w32(20, 0xffffffff);
    CHECK_EQ(read_rsdp(PHYS_BASE), -1);
    CHECK(logged("reason=bad-extension"));
}

TEST(tables_refused) {
    begin();
    fadt(3);
    ram[roots[0] - PHYS_BASE + 20] ^= 1;
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.psci, HW_PSCI_NONE);
    CHECK(logged("sig=\"FACP\" phys=0x40001000 reason=bad-checksum"));

    begin();
    size_t at = table("APIC", 428);
    w32(at + 4, 35);
    CHECK_EQ(run(2), 0);
    CHECK(logged("reason=too-short"));

    begin();
    at = table("APIC", 428);
    w32(at + 4, 0x80000000);
    CHECK_EQ(run(2), 0);
    CHECK(logged("reason=too-long"));

    begin();
    at = table("APIC", 428);
    w32(at + 4, sizeof(ram));
    CHECK_EQ(run(2), 0);
    CHECK(logged("reason=not-in-ram"));

    begin();
    roots[root_count++] = 0xfffffffffffffff0;
    CHECK_EQ(run(2), 0);
    CHECK(logged("sig=\"????\" phys=0xfffffffffffffff0 reason=not-in-ram"));
}

TEST(second_table_is_a_duplicate) {
    begin();
    fadt(3);
    fadt(1);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.psci, HW_PSCI_HVC);
    CHECK(logged("reason=duplicate"));
}

TEST(a_good_table_after_a_bad_one_counts) {
    begin();
    fadt(1);
    ram[roots[0] - PHYS_BASE + 20] ^= 1;
    fadt(3);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.psci, HW_PSCI_HVC);
}

TEST(root_points_to_itself) {
    begin();
    roots[root_count++] = PHYS_BASE + used;
    CHECK_EQ(run(2), 0);
    CHECK(logged("reason=lists-itself"));
}

TEST(madt_zero_length_entry_ends) {
    begin();
    size_t at = table("APIC", 200);
    size_t e = gicd(at + 44, 0x08000000, 2);
    w8(e, 0x0b);
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.gicd, 0x08000000);
    CHECK_EQ(hw.gic_version, 2);
    CHECK(logged("entry=length base=0x44 reason=bad-length"));
}

TEST(madt_entry_beyond_the_table) {
    begin();
    size_t at = table("APIC", 44 + 24 + 10);
    size_t e = gicd(at + 44, 0x08000000, 3);
    w8(e, 0x0b);
    w8(e + 1, 80);
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.cpu_count, 0);
    CHECK(logged("reason=bad-length"));
}

TEST(madt_short_entries) {
    begin();
    size_t at = table("APIC", 44 + 8 * 5);
    const uint8_t types[] = {0x0b, 0x0c, 0x0d, 0x0e, 0x0f};
    for (size_t i = 0; i < 5; i++) {
        w8(at + 44 + 8 * i, types[i]);
        w8(at + 44 + 8 * i + 1, 8);
    }
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.gicd, 0);
    CHECK_EQ(hw.gic_version, 0);
    CHECK(logged("entry=short base=0xb reason=too-short"));
}

TEST(madt_more_than_fits) {
    begin();
    size_t at = table("APIC", 44 + 24 + 200 * 80 + 20 * 16 + 10 * 24 + 10 * 20);
    size_t e = gicd(at + 44, 0x08000000, 0);
    for (uint64_t i = 0; i < 200; i++) {
        e = gicc(e, i, i < 180);
    }
    for (uint64_t i = 0; i < 20; i++) {
        e = gicr(e, 0x10000000 + i * 0x100000, 0x20000);
    }
    for (uint64_t i = 0; i < 10; i++) {
        e = v2m(e, 0x20000000 + i * 0x1000, 0, 0, 0);
    }
    for (uint64_t i = 0; i < 10; i++) {
        w8(e, 0x0f);
        w8(e + 1, 20);
        w64(e + 8, 0x30000000 + i * 0x20000);
        e += 20;
    }
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.cpu_count, 180);
    CHECK_EQ(hw.cpu_listed, HW_MAX_CPUS);
    CHECK_EQ(hw.gicr_count, HW_MAX_GICR);
    CHECK_EQ(hw.v2m_count, HW_MAX_V2M);
    CHECK_EQ(hw.its_count, HW_MAX_ITS);
    CHECK_EQ(hw.gic_version, 3); // version 0: the redistributors decide
    CHECK(logged("entry=gicr base=0x10800000 reason=too-many"));
    CHECK(logged("entry=v2m base=0x20004000 reason=too-many"));
    CHECK(logged("entry=its base=0x30080000 reason=too-many"));
}

TEST(madt_nonsense_values) {
    begin();
    size_t at = table("APIC", 44 + 24 * 3 + 80 * 3 + 16 * 4 + 24);
    size_t e = gicd(at + 44, 0, 3);
    e = gicd(e, 0x08000123, 3);
    e = gicd(e, 0x08000000, 3);
    e = gicc(e, 5, 1);
    e = gicc(e, 5, 1);
    e = gicc(e, 1ull << 24, 1);
    e = gicr(e, 0x080a0000, 0);
    e = gicr(e, 0xffffffffffff0000, 0x20000);
    e = gicr(e, 0xffff0000, 0xffffffff);
    e = gicr(e, 0, 0x20000);
    v2m(e, 0x08020000, 1, 2000, 80);
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.gicd, 0x08000000);
    CHECK_EQ(hw.cpu_count, 1);
    CHECK_EQ(hw.gicr_count, 0);
    CHECK_EQ(hw.v2m_count, 0);
    CHECK(logged("entry=cpu base=0x5 reason=duplicate"));
    CHECK(logged("entry=cpu base=0x1000000 reason=bad-mpidr"));
    CHECK(logged("reason=bad-spi-range"));
}

TEST(madt_redistributors_of_processors) {
    begin();
    size_t at = table("APIC", 44 + 24 + 3 * 80);
    size_t e = gicd(at + 44, 0x08000000, 3);
    for (uint64_t i = 0; i < 3; i++) {
        w64(e + 60, i < 2 ? 0x080a0000 + i * 0x20000 : 0x09000000);
        e = gicc(e, i, 1);
    }
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.gicr_count, 2);
    CHECK_EQ(hw.gicr[0].size, 0x40000);
    CHECK_EQ(hw.gicr[1].base, 0x09000000);
}

TEST(mcfg_refused) {
    begin();
    size_t at = table("MCFG", 44 + 16 * 4);
    w64(at + 44, 0x4010000000);
    w8(at + 44 + 10, 8); // first bus after the last
    w64(at + 60, 0x12345);
    w64(at + 76, 0xfffffffffff00000);
    w8(at + 76 + 11, 255);
    w64(at + 92, 0x3f000000);
    w8(at + 92 + 11, 15);
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.ecam_count, 1);
    CHECK_EQ(hw.ecam[0].base, 0x3f000000);
    CHECK(logged("reason=bad-bus-range"));
    CHECK(logged("value=0x12345 reason=bad-address"));
}

TEST(mcfg_more_than_fits) {
    begin();
    size_t at = table("MCFG", 44 + 16 * 20);
    for (size_t i = 0; i < 20; i++) {
        w64(at + 44 + 16 * i, 0x10000000 + i * 0x100000);
    }
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.ecam_count, HW_MAX_ECAM);
    CHECK(logged("reason=too-many"));
}

TEST(gtdt_watchdog) {
    begin();
    size_t at = gtdt(104 + 28);
    w32(at + 88, 1);
    w32(at + 92, 104);
    w8(at + 104, 1);
    w16(at + 105, 28);
    w64(at + 108, 0x50000000);
    w64(at + 116, 0x50001000);
    w32(at + 124, 48);
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.wdt_intid, 48);
    CHECK_EQ(hw.wdt_refresh, 0x50000000);
    CHECK_EQ(hw.wdt_control, 0x50001000);
    CHECK_EQ(hw.timer_virt_flags, 4);
}

TEST(gtdt_hostile_timers) {
    begin();
    size_t at = gtdt(104);
    w32(at + 88, 0xffffffff);
    w32(at + 92, 96);
    w32(at + 64, 5000);
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.timer_virt_intid, 27);
    CHECK(logged("reason=bad-virtual-interrupt"));
    CHECK(logged("reason=bad-timer-length"));
}

TEST(dbg2_hostile) {
    begin();
    size_t at = table("DBG2", 93);
    w32(at + 36, 0xfffffff0);
    w32(at + 40, 0xffffffff);
    seal(at);
    at = table("DBG2", 100);
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK(logged("sig=\"DBG2\" base=0xfffffff0 subtype=0x0 reason=bad-length"));
    begin();
    dbg2(3, 0x09000000);
    at = roots[0] - PHYS_BASE;
    w16(at + 44 + 18, 48); // address structure beyond the device
    seal(at);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.uart_kind, HW_UART_NONE);
}

TEST(short_fixed_tables) {
    begin();
    seal(table("FACP", 40));
    seal(table("GTDT", 40));
    seal(table("SPCR", 40));
    seal(table("DBG2", 40));
    seal(table("MCFG", 40));
    seal(table("APIC", 40));
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.uart_kind, HW_UART_NONE);
    CHECK_EQ(hw.timer_virt_intid, 27);
}

TEST(a_full_log_is_counted) {
    begin();
    static char small[200];
    log_init(small, sizeof(small));
    parallels(3);
    CHECK_EQ(run(2), 0);
    CHECK_EQ(hw.cpu_count, 4);
    CHECK(log_len() <= sizeof(small));
    CHECK(log_lost() > 5);
}
