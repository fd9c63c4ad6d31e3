// SPDX-License-Identifier: MIT
// sources: boot/acpi.c boot/acpi_madt.c boot/acpi_tables.c boot/acpi_uart.c boot/log.c
// The tables of Parallels, roots, and what is refused whole.
#include "acpitables.h"

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
