// SPDX-License-Identifier: MIT
// Commands and tables of the GICv3 interrupt translation service (Arm IHI 0069H §5.3, §12.19), as pure functions.

#ifndef PYRALLAX_ITSCMD_H
#define PYRALLAX_ITSCMD_H

#include <stdbool.h>
#include <stdint.h>

#define GITS_CTLR 0x0000        // RW
#define GITS_TYPER 0x0008       // RO, 64 bits
#define GITS_CBASER 0x0080      // RW, 64 bits
#define GITS_CWRITER 0x0088     // RW, 64 bits
#define GITS_CREADR 0x0090      // RO, 64 bits
#define GITS_BASER 0x0100       // RW, 8 of 64 bits
#define GITS_TRANSLATER 0x10040 // WO, the doorbell

#define GITS_CTLR_ENABLED (1u << 0)
#define GITS_CTLR_QUIESCENT (1u << 31)

#define GITS_TYPER_PHYSICAL(t) ((t) & 1)
#define GITS_TYPER_ITT_ENTRY(t) ((uint32_t)((t) >> 4 & 0xf) + 1) // bytes
#define GITS_TYPER_IDBITS(t) ((uint32_t)((t) >> 8 & 0x1f) + 1)   // of an EventID
#define GITS_TYPER_DEVBITS(t) ((uint32_t)((t) >> 13 & 0x1f) + 1)
#define GITS_TYPER_PTA(t) ((t) >> 19 & 1) // RDbase is an address, not a number

// GITS_BASERn.
#define GITS_BASER_VALID (1ull << 63)
#define GITS_BASER_TYPE(b) ((uint32_t)((b) >> 56 & 7))
#define GITS_BASER_DEVICE 1u
#define GITS_BASER_COLLECTION 4u
#define GITS_BASER_ENTRY(b) ((uint32_t)((b) >> 48 & 0x1f) + 1) // bytes
#define GITS_BASER_PAGES_MAX 256u

// Attributes of a table, in the places that GITS_CBASER, GITS_BASERn, GICR_PROPBASER and GICR_PENDBASER have them.
#define ITS_SHARE_MASK (3ull << 10)
#define ITS_SHARE_INNER (1ull << 10)
#define ITS_CACHE_WRITE_BACK 7ull // read and write allocate
#define ITS_CACHE_NONE 1ull       // Normal non-cacheable
#define ITS_INNER_CACHE 59        // GITS registers
#define GICR_INNER_CACHE 7        // GICR registers

typedef struct {
    uint64_t dw[4];
} its_cmd_t;

_Static_assert(sizeof(its_cmd_t) == 32, "its_cmd_t");

its_cmd_t its_cmd_mapd(uint32_t device, uint64_t itt, uint32_t event_bits, bool valid);
its_cmd_t its_cmd_mapc(uint32_t collection, uint64_t target, bool valid);
its_cmd_t its_cmd_mapti(uint32_t device, uint32_t event, uint32_t intid, uint32_t collection);
its_cmd_t its_cmd_inv(uint32_t device, uint32_t event);
its_cmd_t its_cmd_int(uint32_t device, uint32_t event);
its_cmd_t its_cmd_clear(uint32_t device, uint32_t event);
its_cmd_t its_cmd_discard(uint32_t device, uint32_t event);
its_cmd_t its_cmd_sync(uint64_t target);
its_cmd_t its_cmd_invall(uint32_t collection);

// What commands call the target: the redistributor's address, or its processor number in the same place.
uint64_t its_target(bool pta, uint64_t redistributor, uint64_t gicr_typer);
// Pages of page_size (4, 16 or 64 KiB) for a flat table; at most GITS_BASER_PAGES_MAX.
uint32_t its_table_pages(uint64_t entries, uint32_t entry_size, uint32_t page_size);
// GITS_BASERn from its old value, which has the read-only type and entry size.
uint64_t its_baser(uint64_t old, uint64_t table, uint32_t page_size, uint32_t pages, bool shared);
// Bytes of a device's translation table, at least its alignment of 256.
uint32_t its_itt_size(uint32_t entry_size, uint32_t event_bits);

#endif
