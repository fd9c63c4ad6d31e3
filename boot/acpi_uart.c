// SPDX-License-Identifier: MIT
// The console UART: SPCR, else DBG2 (Microsoft's "Serial Port Console Redirection" and "Debug Port Table 2"),
// else the constant of a platform that is recognised.

#include "acpi.h"
#include "log.h"

#define SPCR_MIN_LEN 80
#define SPCR_TYPE 36
#define SPCR_ADDRESS 40
#define SPCR_IRQ_TYPE 52
#define SPCR_IRQ_GIC (1u << 3)
#define SPCR_GSIV 54

#define DBG2_OFFSET 36
#define DBG2_COUNT 40
#define DEVICE_LEN 1
#define DEVICE_ADDRESSES 3
#define DEVICE_TYPE 12
#define DEVICE_SUBTYPE 14
#define DEVICE_ADDRESS 18 // offset of the first address, within the device
#define DEVICE_MIN_LEN 22
#define TYPE_SERIAL 0x8000

// Generic Address Structure, ACPI 6.5 §5.2.3.2
#define GAS_LEN 12
#define GAS_SPACE 0
#define GAS_ADDRESS 4

#define SUB_16550 0x00
#define SUB_PL011 0x03
#define SUB_SBSA_32 0x0d
#define SUB_SBSA 0x0e

// Parallels Desktop on Apple silicon (reference: ACPI has DBG2 only; its subtype was never dumped).
#define PARALLELS_GICD 0x02010000
#define PARALLELS_UART 0x02110000
#define PARALLELS_UART_INTID 32

static uint32_t kind_of(uint32_t subtype, uint64_t base) {
    switch (subtype) {
        case SUB_PL011:
            return HW_UART_PL011;
        case SUB_SBSA:
        case SUB_SBSA_32:
            return HW_UART_SBSA;
        case SUB_16550: // one loader's log gives this subtype for what answers as a PL011 there
            return base == PARALLELS_UART ? HW_UART_SBSA : HW_UART_NONE;
        default:
            return HW_UART_NONE;
    }
}

static void use(hw_config_t *hw, uint32_t from, uint32_t kind, uint64_t base, uint32_t intid) {
    static const char *const names[] = {"none", "spcr", "dbg2", "fdt", "default"};
    hw->uart_from = from;
    hw->uart_kind = kind;
    hw->uart_base = base;
    hw->uart_intid = intid;
    LOG("uart", log_hex("base", base), log_word("kind", kind == HW_UART_PL011 ? "pl011" : "sbsa"),
        log_dec("intid", intid), log_word("from", names[from]));
}

static void refuse(const char *sig, uint64_t base, uint32_t subtype, const char *reason) {
    log_begin("uart-refused");
    log_text("sig", sig, 4);
    log_hex("base", base);
    log_hex("subtype", subtype);
    log_word("reason", reason);
    log_end();
}

// Checks what both tables give in the same form and takes it.  SPCR beats DBG2, whichever comes first.
static void offer(hw_config_t *hw, const char *sig, uint32_t from, uint32_t subtype, win_t gas,
                  uint32_t intid) {
    uint64_t base = win_u64(gas, GAS_ADDRESS);
    uint32_t kind = kind_of(subtype, base);
    if (gas.len < GAS_LEN) {
        refuse(sig, base, subtype, "too-short");
    } else if (win_u8(gas, GAS_SPACE) != 0) {
        refuse(sig, base, subtype, "not-memory");
    } else if (!acpi_mmio_ok(base, 0x1000, 4)) {
        refuse(sig, base, subtype, "bad-address");
    } else if (kind == HW_UART_NONE) {
        refuse(sig, base, subtype, "unknown-subtype");
    } else if (hw->uart_from == HW_FROM_SPCR) {
        // The console is known; a debug port that is the same device is no news.
        LOG("debug-port", log_hex("base", base), log_hex("subtype", subtype));
    } else if (hw->uart_from != HW_FROM_NONE && from == HW_FROM_DBG2) {
        LOG("debug-port", log_hex("base", base), log_hex("subtype", subtype));
    } else {
        use(hw, from, kind, base, intid);
    }
}

void acpi_spcr(win_t table, hw_config_t *hw) {
    if (table.len < SPCR_MIN_LEN) {
        refuse("SPCR", table.len, 0, "too-short");
        return;
    }
    uint32_t gsiv =
        (win_u8(table, SPCR_IRQ_TYPE) & SPCR_IRQ_GIC) != 0 ? win_u32(table, SPCR_GSIV) : 0;
    if (gsiv < 32 || gsiv >= 1020) {
        gsiv = 0;
    }
    offer(hw, "SPCR", HW_FROM_SPCR, win_u8(table, SPCR_TYPE), win_sub(table, SPCR_ADDRESS, GAS_LEN),
          gsiv);
}

void acpi_dbg2(win_t table, hw_config_t *hw) {
    size_t off = win_u32(table, DBG2_OFFSET);
    for (uint32_t count = win_u32(table, DBG2_COUNT); count > 0; count--) {
        uint16_t len = win_u16(table, off + DEVICE_LEN);
        win_t device = win_sub(table, off, len);
        if (len < DEVICE_MIN_LEN || device.len == 0) {
            refuse("DBG2", off, 0, "bad-length");
            return;
        }
        uint32_t type = win_u16(device, DEVICE_TYPE);
        if (type == TYPE_SERIAL && win_u8(device, DEVICE_ADDRESSES) > 0) {
            win_t gas = win_sub(device, win_u16(device, DEVICE_ADDRESS), GAS_LEN);
            // The table has no interrupt number.
            uint32_t intid = win_u64(gas, GAS_ADDRESS) == PARALLELS_UART ? PARALLELS_UART_INTID : 0;
            offer(hw, "DBG2", HW_FROM_DBG2, win_u16(device, DEVICE_SUBTYPE), gas, intid);
        }
        off += len;
    }
}

void acpi_known_platform(hw_config_t *hw) {
    if (hw->uart_kind == HW_UART_NONE && hw->gicd == PARALLELS_GICD) {
        use(hw, HW_FROM_DEFAULT, HW_UART_SBSA, PARALLELS_UART, PARALLELS_UART_INTID);
    }
}
