// SPDX-License-Identifier: MIT
// MADT: processors and the interrupt controller.  ACPI 6.5 §5.2.12.14-18.

#include "acpi.h"
#include "log.h"

#define MADT_ENTRIES 44

#define GICC 0x0b
#define GICC_MIN_LEN 76 // ACPI 5.1
#define GICC_FLAGS 12
#define GICC_ENABLED (1u << 0)
#define GICC_BASE 32
#define GICC_GICR 60
#define GICC_MPIDR 68

#define GICD 0x0c
#define GICD_LEN 24
#define GICD_BASE 8
#define GICD_VERSION 20

#define GICM 0x0d
#define GICM_LEN 24
#define GICM_BASE 8
#define GICM_FLAGS 16
#define GICM_SPI_VALID (1u << 0) // count and base override MSI_TYPER
#define GICM_SPI_COUNT 20
#define GICM_SPI_BASE 22

#define GICR 0x0e
#define GICR_LEN 16
#define GICR_BASE 4
#define GICR_SIZE 12
#define GICR_FRAMES 0x20000 // RD_base and SGI_base of one processor
#define GICR_MAX_SIZE (1u << 30)

#define ITS 0x0f
#define ITS_LEN 20
#define ITS_BASE 8

#define BLOCK 0x1000 // smallest register block of a GIC part

static void refuse(const char *what, uint64_t base, const char *reason) {
    log_begin("madt-refused");
    log_word("entry", what);
    log_hex("base", base);
    log_word("reason", reason);
    log_end();
}

static void add_gicr(hw_config_t *hw, uint64_t base, uint64_t size, const char *from) {
    if (size > GICR_MAX_SIZE || !acpi_mmio_ok(base, size, BLOCK)) {
        refuse("gicr", base, "bad-address");
        return;
    }
    if (hw->gicr_count > 0) { // processors that name their own frames, one after the other
        hw_range_t *last = &hw->gicr[hw->gicr_count - 1];
        if (from[0] == 'c' && last->base + last->size == base) {
            last->size += size;
            return;
        }
    }
    if (hw->gicr_count == HW_MAX_GICR) {
        refuse("gicr", base, "too-many");
        return;
    }
    hw->gicr[hw->gicr_count++] = (hw_range_t) {base, size};
}

static void add_cpu(hw_config_t *hw, win_t e) {
    uint64_t mpidr = win_u64(e, GICC_MPIDR);
    uint32_t flags = win_u32(e, GICC_FLAGS);
    uint64_t gicc = win_u64(e, GICC_BASE);
    if ((mpidr & ~MPIDR_AFFINITY) != 0) {
        refuse("cpu", mpidr, "bad-mpidr");
        return;
    }
    for (uint32_t i = 0; i < hw->cpu_listed; i++) {
        if (hw->cpu_mpidr[i] == mpidr) {
            refuse("cpu", mpidr, "duplicate");
            return;
        }
    }
    LOG("cpu", log_hex("mpidr", mpidr), log_dec("enabled", flags & GICC_ENABLED),
        log_hex("gicc", gicc), log_hex("gicr", win_u64(e, GICC_GICR)));
    if ((flags & GICC_ENABLED) == 0) {
        return;
    }
    hw->cpu_count++;
    if (hw->cpu_listed < HW_MAX_CPUS) {
        hw->cpu_mpidr[hw->cpu_listed++] = mpidr;
    }
    if (gicc != 0 && hw->gicc == 0) {
        if (acpi_mmio_ok(gicc, BLOCK, BLOCK)) {
            hw->gicc = gicc;
        } else {
            refuse("gicc", gicc, "bad-address");
        }
    }
}

static void add_gicd(hw_config_t *hw, win_t e) {
    uint64_t base = win_u64(e, GICD_BASE);
    if (hw->gicd != 0) {
        refuse("gicd", base, "duplicate");
    } else if (!acpi_mmio_ok(base, BLOCK, BLOCK)) {
        refuse("gicd", base, "bad-address");
    } else {
        hw->gicd = base;
        hw->gic_version = win_u8(e, GICD_VERSION);
    }
}

static void add_v2m(hw_config_t *hw, win_t e) {
    uint64_t base = win_u64(e, GICM_BASE);
    hw_v2m_t v2m = {.base = base};
    if ((win_u32(e, GICM_FLAGS) & GICM_SPI_VALID) != 0) {
        v2m.spi_base = win_u16(e, GICM_SPI_BASE);
        v2m.spi_count = win_u16(e, GICM_SPI_COUNT);
        if (v2m.spi_count == 0 || v2m.spi_base < 32 || v2m.spi_base + v2m.spi_count > 1020) {
            refuse("v2m", base, "bad-spi-range");
            return;
        }
    }
    if (!acpi_mmio_ok(base, BLOCK, BLOCK)) {
        refuse("v2m", base, "bad-address");
    } else if (hw->v2m_count == HW_MAX_V2M) {
        refuse("v2m", base, "too-many");
    } else {
        hw->v2m[hw->v2m_count++] = v2m;
        LOG("v2m", log_hex("base", base), log_dec("spi_base", v2m.spi_base),
            log_dec("spi_count", v2m.spi_count));
    }
}

static void add_its(hw_config_t *hw, win_t e) {
    uint64_t base = win_u64(e, ITS_BASE);
    if (!acpi_mmio_ok(base, 2 * 0x10000, 0x10000)) {
        refuse("its", base, "bad-address");
    } else if (hw->its_count == HW_MAX_ITS) {
        refuse("its", base, "too-many");
    } else {
        hw->its[hw->its_count++] = base;
        LOG("its", log_hex("base", base));
    }
}

static void add_entry(hw_config_t *hw, win_t e) {
    static const struct {
        uint8_t type;
        uint8_t min_len;
    } known[] = {
        {GICC, GICC_MIN_LEN}, {GICD, GICD_LEN}, {GICM, GICM_LEN}, {GICR, GICR_LEN}, {ITS, ITS_LEN},
    };
    uint8_t type = win_u8(e, 0);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (type == known[i].type && e.len < known[i].min_len) {
            refuse("short", type, "too-short");
            return;
        }
    }
    switch (type) {
        case GICC:
            add_cpu(hw, e);
            break;
        case GICD:
            add_gicd(hw, e);
            break;
        case GICM:
            add_v2m(hw, e);
            break;
        case GICR:
            add_gicr(hw, win_u64(e, GICR_BASE), win_u32(e, GICR_SIZE), "range");
            break;
        case ITS:
            add_its(hw, e);
            break;
        default: // another architecture's, or newer than this parser
            break;
    }
}

// Next entry of the table, empty at the end or when the lengths stop making sense.
static win_t next(win_t table, size_t *off) {
    size_t len = win_u8(table, *off + 1);
    win_t e = win_sub(table, *off, len);
    if (*off + 2 <= table.len && (len < 2 || e.len == 0)) {
        refuse("length", *off, "bad-length");
        e.len = 0;
    }
    *off += len;
    return len < 2 ? (win_t) {NULL, 0} : e;
}

void acpi_madt(win_t table, hw_config_t *hw) {
    size_t off = MADT_ENTRIES;
    for (win_t e = next(table, &off); e.len != 0; e = next(table, &off)) {
        add_entry(hw, e);
    }
    if (hw->gicr_count == 0) { // §5.2.12.14: then each processor names its own redistributor
        off = MADT_ENTRIES;
        for (win_t e = next(table, &off); e.len != 0; e = next(table, &off)) {
            uint64_t base = win_u64(e, GICC_GICR);
            if (win_u8(e, 0) == GICC && e.len >= GICC_MIN_LEN && base != 0 &&
                (win_u32(e, GICC_FLAGS) & GICC_ENABLED) != 0) {
                add_gicr(hw, base, GICR_FRAMES, "cpu");
            }
        }
    }
    uint32_t said = hw->gic_version;
    if (hw->gicd == 0) {
        hw->gic_version = 0;
    } else if (said == 2 || said == 1) {
        hw->gic_version = 2;
    } else if (said == 3 || said == 4) {
        hw->gic_version = 3;
    } else { // 0 or unknown: what else is there decides
        hw->gic_version = hw->gicr_count > 0 ? 3 : hw->gicc != 0 ? 2 : 0;
    }
    LOG("gic", log_dec("version", hw->gic_version), log_hex("gicd", hw->gicd),
        log_hex("gicc", hw->gicc), log_dec("said", said));
    for (uint32_t i = 0; i < hw->gicr_count; i++) {
        LOG("gicr", log_hex("base", hw->gicr[i].base), log_hex("size", hw->gicr[i].size));
    }
    LOG("cpus", log_dec("count", hw->cpu_count), log_dec("listed", hw->cpu_listed));
}
