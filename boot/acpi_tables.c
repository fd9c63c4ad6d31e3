// SPDX-License-Identifier: MIT
// MCFG (PCI Firmware 3.3 §4.1.2), GTDT (ACPI 6.5 §5.2.24), FADT (§5.2.9).

#include "acpi.h"
#include "log.h"

#define MCFG_ENTRIES 44
#define MCFG_ENTRY_LEN 16

#define FADT_ARM_FLAGS 129
#define FADT_MIN_LEN 131
#define FADT_PSCI (1u << 0)
#define FADT_PSCI_HVC (1u << 1)

#define GTDT_MIN_LEN 96
#define GTDT_PHYS_GSIV 56
#define GTDT_VIRT_GSIV 64
#define GTDT_VIRT_FLAGS 68
#define GTDT_COUNT 88
#define GTDT_OFFSET 92
#define GTDT_WATCHDOG 1 // platform timer type: SBSA generic watchdog
#define WATCHDOG_LEN 28
#define WATCHDOG_REFRESH 4
#define WATCHDOG_CONTROL 12
#define WATCHDOG_GSIV 20

static void refuse(const char *sig, uint64_t value, const char *reason) {
    log_begin("entry-refused");
    log_text("sig", sig, 4);
    log_hex("value", value);
    log_word("reason", reason);
    log_end();
}

void acpi_mcfg(win_t table, hw_config_t *hw) {
    for (size_t off = MCFG_ENTRIES; win_has(table, off, MCFG_ENTRY_LEN); off += MCFG_ENTRY_LEN) {
        hw_ecam_t ecam = {
            .base = win_u64(table, off),
            .segment = win_u16(table, off + 8),
            .bus_first = win_u8(table, off + 10),
            .bus_last = win_u8(table, off + 11),
        };
        uint64_t size = ((uint64_t)ecam.bus_last + 1) << 20;
        if (ecam.bus_first > ecam.bus_last) {
            refuse("MCFG", ecam.base, "bad-bus-range");
        } else if (!acpi_mmio_ok(ecam.base, size, 1u << 20)) {
            refuse("MCFG", ecam.base, "bad-address");
        } else if (hw->ecam_count == HW_MAX_ECAM) {
            refuse("MCFG", ecam.base, "too-many");
        } else {
            hw->ecam[hw->ecam_count++] = ecam;
            LOG("ecam", log_hex("base", ecam.base), log_dec("segment", ecam.segment),
                log_dec("bus_first", ecam.bus_first), log_dec("bus_last", ecam.bus_last));
        }
    }
}

void acpi_fadt(win_t table, hw_config_t *hw) {
    if (table.len < FADT_MIN_LEN) {
        refuse("FACP", table.len, "too-short");
        return;
    }
    uint16_t flags = win_u16(table, FADT_ARM_FLAGS);
    if ((flags & FADT_PSCI) != 0) {
        hw->psci = (flags & FADT_PSCI_HVC) != 0 ? HW_PSCI_HVC : HW_PSCI_SMC;
    }
    LOG("psci",
        log_word("conduit", hw->psci == HW_PSCI_HVC ? "hvc" :
                            hw->psci == HW_PSCI_SMC ? "smc" :
                                                      "none"),
        log_hex("flags", flags));
}

static bool gsiv_ok(uint32_t gsiv) {
    return gsiv >= 16 && gsiv < 1020;
}

static void watchdog(win_t e, hw_config_t *hw) {
    uint64_t refresh = win_u64(e, WATCHDOG_REFRESH);
    uint64_t control = win_u64(e, WATCHDOG_CONTROL);
    uint32_t gsiv = win_u32(e, WATCHDOG_GSIV);
    if (e.len < WATCHDOG_LEN) {
        refuse("GTDT", e.len, "watchdog-too-short");
    } else if (!acpi_mmio_ok(refresh, 0x1000, 0x1000) || !acpi_mmio_ok(control, 0x1000, 0x1000)) {
        refuse("GTDT", control, "watchdog-bad-address");
    } else if (!gsiv_ok(gsiv)) {
        refuse("GTDT", gsiv, "watchdog-bad-interrupt");
    } else if (hw->wdt_intid != 0) {
        refuse("GTDT", control, "watchdog-duplicate");
    } else {
        hw->wdt_intid = gsiv;
        hw->wdt_refresh = refresh;
        hw->wdt_control = control;
        LOG("watchdog", log_hex("refresh", refresh), log_hex("control", control),
            log_dec("intid", gsiv));
    }
}

static void platform_timers(win_t table, hw_config_t *hw) {
    uint32_t count = win_u32(table, GTDT_COUNT);
    size_t off = win_u32(table, GTDT_OFFSET);
    if (count > 0 && off < GTDT_MIN_LEN) {
        refuse("GTDT", off, "bad-timer-offset");
        return;
    }
    for (; count > 0; count--) {
        uint16_t len = win_u16(table, off + 1);
        win_t e = win_sub(table, off, len);
        if (len < 4 || e.len == 0) {
            refuse("GTDT", off, "bad-timer-length");
            return;
        }
        if (win_u8(e, 0) == GTDT_WATCHDOG) {
            watchdog(e, hw);
        }
        off += len;
    }
}

void acpi_gtdt(win_t table, hw_config_t *hw) {
    if (table.len < GTDT_MIN_LEN) {
        refuse("GTDT", table.len, "too-short");
        return;
    }
    uint32_t virt = win_u32(table, GTDT_VIRT_GSIV);
    uint32_t phys = win_u32(table, GTDT_PHYS_GSIV);
    if (gsiv_ok(virt)) {
        hw->timer_virt_intid = virt;
        hw->timer_virt_flags = win_u32(table, GTDT_VIRT_FLAGS);
    } else {
        refuse("GTDT", virt, "bad-virtual-interrupt");
    }
    if (gsiv_ok(phys)) {
        hw->timer_phys_intid = phys;
    } else {
        refuse("GTDT", phys, "bad-physical-interrupt");
    }
    LOG("timer", log_dec("virt", hw->timer_virt_intid), log_hex("flags", hw->timer_virt_flags),
        log_dec("phys", hw->timer_phys_intid));
    platform_timers(table, hw);
}
