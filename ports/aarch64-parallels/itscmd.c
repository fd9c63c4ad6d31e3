// SPDX-License-Identifier: MIT
// Encoding of ITS commands (Arm IHI 0069H §5.3) and of table registers (§12.19).

#include "itscmd.h"

#define CMD_INT 0x03
#define CMD_CLEAR 0x04
#define CMD_SYNC 0x05
#define CMD_MAPD 0x08
#define CMD_MAPC 0x09
#define CMD_MAPTI 0x0a
#define CMD_INV 0x0c
#define CMD_INVALL 0x0d
#define CMD_DISCARD 0x0f

#define VALID (1ull << 63)
#define TARGET_MASK 0x000fffffffff0000ull // RDbase
#define ITT_MASK 0x000fffffffffff00ull
#define TABLE_MASK 0x0000fffffffff000ull
#define BASER_KEEP (7ull << 56 | 0x1full << 48) // type and entry size

static its_cmd_t of_event(uint32_t cmd, uint32_t device, uint32_t event) {
    return (its_cmd_t) {{cmd | (uint64_t)device << 32, event, 0, 0}};
}

its_cmd_t its_cmd_mapd(uint32_t device, uint64_t itt, uint32_t event_bits, bool valid) {
    its_cmd_t c = {{CMD_MAPD | (uint64_t)device << 32, event_bits - 1, itt & ITT_MASK, 0}};
    c.dw[2] |= valid ? VALID : 0;
    return c;
}

its_cmd_t its_cmd_mapc(uint32_t collection, uint64_t target, bool valid) {
    return (its_cmd_t) {
        {CMD_MAPC, 0, collection | (target & TARGET_MASK) | (valid ? VALID : 0), 0}};
}

its_cmd_t its_cmd_mapti(uint32_t device, uint32_t event, uint32_t intid, uint32_t collection) {
    its_cmd_t c = of_event(CMD_MAPTI, device, event);
    c.dw[1] |= (uint64_t)intid << 32;
    c.dw[2] = collection;
    return c;
}

its_cmd_t its_cmd_inv(uint32_t device, uint32_t event) {
    return of_event(CMD_INV, device, event);
}

its_cmd_t its_cmd_int(uint32_t device, uint32_t event) {
    return of_event(CMD_INT, device, event);
}

its_cmd_t its_cmd_clear(uint32_t device, uint32_t event) {
    return of_event(CMD_CLEAR, device, event);
}

its_cmd_t its_cmd_discard(uint32_t device, uint32_t event) {
    return of_event(CMD_DISCARD, device, event);
}

its_cmd_t its_cmd_sync(uint64_t target) {
    return (its_cmd_t) {{CMD_SYNC, 0, target & TARGET_MASK, 0}};
}

its_cmd_t its_cmd_invall(uint32_t collection) {
    return (its_cmd_t) {{CMD_INVALL, 0, collection, 0}};
}

uint64_t its_target(bool pta, uint64_t redistributor, uint64_t gicr_typer) {
    return pta ? redistributor : (gicr_typer >> 8 & 0xffff) << 16;
}

uint32_t its_table_pages(uint64_t entries, uint32_t entry_size, uint32_t page_size) {
    uint64_t pages = (entries * entry_size + page_size - 1) / page_size;
    pages = pages == 0 ? 1 : pages;
    return pages < GITS_BASER_PAGES_MAX ? (uint32_t)pages : GITS_BASER_PAGES_MAX;
}

uint64_t its_baser(uint64_t old, uint64_t table, uint32_t page_size, uint32_t pages, bool shared) {
    uint64_t size_code = page_size == 0x10000 ? 2 : page_size == 0x4000 ? 1 : 0;
    uint64_t address = table & TABLE_MASK;
    if (page_size == 0x10000) {
        address |= (table >> 48 & 0xf) << 12; // bits 51:48 of a 64 KiB aligned table (§12.19.1)
    }
    uint64_t cache = shared ? ITS_CACHE_WRITE_BACK : ITS_CACHE_NONE;
    return GITS_BASER_VALID | cache << ITS_INNER_CACHE | (old & BASER_KEEP) | address |
           (shared ? ITS_SHARE_INNER : 0) | size_code << 8 | (pages - 1);
}

uint32_t its_itt_size(uint32_t entry_size, uint32_t event_bits) {
    uint32_t size = entry_size << event_bits;
    return size < 256 ? 256 : size;
}
