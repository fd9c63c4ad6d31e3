// SPDX-License-Identifier: MIT
// SMBIOS 3.6 (DSP0134) §5.2 entry points, §6.1 structures, §7.2 type 1.

#include "smbios.h"

#include "log.h"

#define TABLE_MAX_LEN (1u << 20)

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define SUM_OK(w) ((void)(w), true)
#else
#define SUM_OK(w) (win_sum(w) == 0)
#endif

static int refuse(uint64_t phys, const char *reason) {
    log_begin("smbios-refused");
    log_hex("phys", phys);
    log_word("reason", reason);
    log_end();
    return -1;
}

// Checked entry point: where the structures are.  NULL or the reason.
static const char *entry_point(const physmem_t *mem, uint64_t phys, uint64_t *table,
                               uint32_t *len) {
    win_t w = win_map(mem, phys, 24);
    if (w.len == 0) {
        return "not-in-ram";
    }
    if (win_equal(w, 0, "_SM3_", 5)) {
        w.len = 0;
        uint8_t size = win_u8(win_map(mem, phys, 24), 6);
        if (size >= 24) {
            w = win_map(mem, phys, size);
        }
        if (w.len == 0) {
            return "bad-length";
        }
        if (!SUM_OK(w)) {
            return "bad-checksum";
        }
        *len = win_u32(w, 12);
        *table = win_u64(w, 16);
        return NULL;
    }
    if (win_equal(w, 0, "_SM_", 4)) {
        uint8_t size = win_u8(w, 5);
        w = win_map(mem, phys, 31);
        if (w.len == 0 || (size != 31 && size != 30)) { // 30: a known error in version 2.1
            return "bad-length";
        }
        if (!SUM_OK(win_sub(w, 0, size)) || !win_equal(w, 16, "_DMI_", 5) ||
            !SUM_OK(win_sub(w, 16, 15))) {
            return "bad-checksum";
        }
        *len = win_u16(w, 22);
        *table = win_u32(w, 24);
        return NULL;
    }
    return "bad-signature";
}

// The structure's string number index as text in out, cleaned.
static void string(win_t strings, uint8_t index, char *out) {
    size_t off = 0;
    out[0] = '\0';
    if (index == 0) {
        return;
    }
    for (; index > 1; index--) {
        while (win_u8(strings, off) != 0) {
            off++;
        }
        off++;
    }
    size_t n = 0;
    while (n < HW_NAME_LEN - 1 && win_u8(strings, off + n) != 0) {
        uint8_t c = win_u8(strings, off + n);
        out[n++] = c < 0x20 || c > 0x7e ? '?' : (char)c;
    }
    out[n] = '\0';
}

// Length of the string set that starts w, its two closing zeros included; 0 when it does not end.
static size_t strings_len(win_t w) {
    for (size_t i = 0; win_has(w, i, 2); i++) {
        if (w.p[i] == 0 && w.p[i + 1] == 0) {
            return i + 2;
        }
    }
    return 0;
}

static int read_structures(win_t table, hw_config_t *hw) {
    for (size_t off = 0; win_has(table, off, 4);) {
        uint8_t type = win_u8(table, off);
        uint8_t len = win_u8(table, off + 1);
        win_t formatted = win_sub(table, off, len);
        if (len < 4 || formatted.len == 0 || type == 127) {
            break;
        }
        win_t rest = win_sub(table, off + len, table.len - off - len);
        size_t strings = strings_len(rest);
        if (strings == 0) {
            break;
        }
        if (type == 1) {
            rest.len = strings;
            string(rest, win_u8(formatted, 4), hw->vendor);
            string(rest, win_u8(formatted, 5), hw->product);
            if (win_has(formatted, 8, 16)) {
                __builtin_memcpy(hw->uuid, formatted.p + 8, 16);
            }
            return 0;
        }
        off += len + strings;
    }
    return -1;
}

int smbios_read(const physmem_t *mem, uint64_t phys, hw_config_t *hw) {
    uint64_t at = 0;
    uint32_t len = 0;
    const char *reason = entry_point(mem, phys, &at, &len);
    if (reason != NULL) {
        return refuse(phys, reason);
    }
    if (len > TABLE_MAX_LEN) {
        len = TABLE_MAX_LEN; // version 3 gives a maximum, not the length
    }
    win_t table = win_map(mem, at, len);
    if (table.len == 0) {
        return refuse(at, "table-not-in-ram");
    }
    hw->smbios = phys;
    if (read_structures(table, hw) != 0) {
        return refuse(at, "no-system-information");
    }
    log_begin("smbios");
    log_hex("phys", phys);
    log_text("vendor", hw->vendor, HW_NAME_LEN);
    log_text("product", hw->product, HW_NAME_LEN);
    log_end();
    return 0;
}
