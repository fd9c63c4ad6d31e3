// SPDX-License-Identifier: MIT
// RSDP, XSDT (or RSDT), and which table goes where.  ACPI 6.5 §5.2.5-5.2.8.

#include "acpi.h"
#include "log.h"

#define HEADER_LEN 36 // §5.2.6 System Description Table Header
#define ROOT_MAX_LEN (HEADER_LEN + 8 * 256)
#define TABLE_MAX_LEN (1u << 20)
#define FADT_DSDT 40 // §5.2.9
#define FADT_X_DSDT 140

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define SUM_OK(w) ((void)(w), true) // a fuzzer does not guess checksums; the unit tests cover them
#else
#define SUM_OK(w) (win_sum(w) == 0)
#endif

static const struct {
    char sig[5];
    void (*read)(win_t table, hw_config_t *hw);
} readers[] = {
    {"APIC", acpi_madt}, {"MCFG", acpi_mcfg}, {"GTDT", acpi_gtdt},
    {"FACP", acpi_fadt}, {"SPCR", acpi_spcr}, {"DBG2", acpi_dbg2},
};
#define READERS (sizeof(readers) / sizeof(readers[0]))

bool acpi_mmio_ok(uint64_t base, uint64_t size, uint64_t align) {
    const uint64_t top = 1ull << 48;
    return base != 0 && base % align == 0 && size != 0 && size <= top && base <= top - size;
}

static void refuse(const char *sig, uint64_t phys, const char *reason) {
    log_begin("table-refused");
    log_text("sig", sig, 4);
    log_hex("phys", phys);
    log_word("reason", reason);
    log_end();
}

// Header of the table at phys as a window, its signature as text; empty when memory says no.
static win_t header(const physmem_t *mem, uint64_t phys, char sig[5]) {
    win_t head = win_map(mem, phys, HEADER_LEN);
    for (int i = 0; i < 4; i++) {
        sig[i] = (char)win_u8(head, (size_t)i);
    }
    sig[4] = '\0';
    return head;
}

// The whole checked table, or an empty window after a line with the reason.
static win_t table_at(const physmem_t *mem, uint64_t phys, uint32_t max) {
    char sig[5];
    win_t head = header(mem, phys, sig);
    uint32_t len = win_u32(head, 4);
    const char *reason = NULL;
    win_t table = {NULL, 0};
    if (head.len == 0) {
        reason = "not-in-ram";
    } else if (len < HEADER_LEN) {
        reason = "too-short";
    } else if (len > max) {
        reason = "too-long";
    } else {
        table = win_map(mem, phys, len);
        if (table.len == 0) {
            reason = "not-in-ram";
        } else if (!SUM_OK(table)) {
            reason = "bad-checksum";
        }
    }
    if (reason != NULL) {
        refuse(sig, phys, reason);
        return (win_t) {NULL, 0};
    }
    return table;
}

static void log_table(const char *sig, uint64_t phys, uint32_t len) {
    log_begin("table");
    log_text("sig", sig, 4);
    log_hex("phys", phys);
    log_dec("len", len);
    log_end();
}

// The DSDT is not in the root table.  It is not read here: its address is for whoever does.
static void log_dsdt(const physmem_t *mem, win_t fadt) {
    uint64_t phys = win_u64(fadt, FADT_X_DSDT);
    if (phys == 0) {
        phys = win_u32(fadt, FADT_DSDT);
    }
    if (phys != 0) {
        char sig[5];
        win_t head = header(mem, phys, sig);
        if (head.len == 0) {
            refuse("DSDT", phys, "not-in-ram");
        } else {
            log_table(sig, phys, win_u32(head, 4));
        }
    }
}

static void read_entry(const physmem_t *mem, uint64_t phys, hw_config_t *hw, bool seen[READERS]) {
    char sig[5];
    win_t head = header(mem, phys, sig);
    if (head.len == 0) {
        refuse("????", phys, "not-in-ram");
        return;
    }
    log_table(sig, phys, win_u32(head, 4));
    for (size_t i = 0; i < READERS; i++) {
        if (__builtin_memcmp(sig, readers[i].sig, 4) != 0) {
            continue;
        }
        if (seen[i]) {
            refuse(sig, phys, "duplicate");
            return;
        }
        win_t table = table_at(mem, phys, TABLE_MAX_LEN);
        if (table.len == 0) {
            return;
        }
        seen[i] = true;
        readers[i].read(table, hw);
        if (readers[i].read == acpi_fadt) {
            log_dsdt(mem, table);
        }
    }
}

// Address of the root table and the size of its entries; 0 when the RSDP is no good.
static uint64_t root_of(const physmem_t *mem, uint64_t rsdp, size_t *entry) {
    const char *reason = NULL;
    uint64_t root = 0;
    win_t w = win_map(mem, rsdp, 20);
    if (w.len == 0) {
        reason = "not-in-ram";
    } else if (!win_equal(w, 0, "RSD PTR ", 8)) {
        reason = "bad-signature";
    } else if (!SUM_OK(w)) {
        reason = "bad-checksum";
    } else {
        root = win_u32(w, 16);
        *entry = 4;
        if (win_u8(w, 15) >= 2) { // revision: the extended part follows
            win_t ext = win_map(mem, rsdp, 36);
            uint32_t len = win_u32(ext, 20);
            if (len >= 36 && len <= 4096) {
                ext = win_map(mem, rsdp, len);
            } else {
                ext.len = 0;
            }
            if (ext.len == 0 || !SUM_OK(ext)) {
                refuse("RSDP", rsdp, "bad-extension");
            } else if (win_u64(ext, 24) != 0) {
                root = win_u64(ext, 24);
                *entry = 8;
            }
        }
        if (root == 0) {
            reason = "no-root-table";
        }
    }
    if (reason != NULL) {
        refuse("RSDP", rsdp, reason);
        return 0;
    }
    LOG("rsdp", log_hex("phys", rsdp), log_dec("revision", win_u8(w, 15)), log_hex("root", root));
    return root;
}

static int read_root(const physmem_t *mem, uint64_t rsdp, hw_config_t *hw) {
    size_t entry = 0;
    uint64_t phys = root_of(mem, rsdp, &entry);
    if (phys == 0) {
        return -1;
    }
    win_t root = table_at(mem, phys, ROOT_MAX_LEN);
    if (root.len == 0) {
        return -1;
    }
    if (!win_equal(root, 0, entry == 8 ? "XSDT" : "RSDT", 4)) {
        refuse("XSDT", phys, "bad-signature");
        return -1;
    }
    log_table(entry == 8 ? "XSDT" : "RSDT", phys, (uint32_t)root.len);
    hw->rsdp = rsdp;
    hw->flags |= HW_F_ACPI;
    bool seen[READERS] = {false};
    for (size_t off = HEADER_LEN; win_has(root, off, entry); off += entry) {
        uint64_t at = entry == 8 ? win_u64(root, off) : win_u32(root, off);
        if (at == phys) {
            refuse("XSDT", phys, "lists-itself");
        } else if (at != 0) {
            read_entry(mem, at, hw, seen);
        }
    }
    for (size_t i = 0; i < READERS; i++) {
        if (!seen[i]) {
            LOG("table-absent", log_text("sig", readers[i].sig, 4));
        }
    }
    return 0;
}

int acpi_read(const physmem_t *mem, uint64_t rsdp, hw_config_t *hw) {
    // Arm BSA level 1: what the generic timer's interrupts are when nobody says otherwise.
    hw->timer_virt_intid = 27;
    hw->timer_phys_intid = 30;
    int ret = -1;
    if (rsdp == 0) {
        refuse("RSDP", 0, "absent");
    } else {
        ret = read_root(mem, rsdp, hw);
    }
    acpi_known_platform(hw);
    return ret;
}
