// SPDX-License-Identifier: MIT
// sources: boot/acpi.c boot/acpi_madt.c boot/acpi_tables.c boot/acpi_uart.c boot/log.c
// Entries of MADT, MCFG, GTDT, DBG2 and SPCR that lie.
#include "acpitables.h"

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
