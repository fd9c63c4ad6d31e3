// SPDX-License-Identifier: MIT
// AHCI 1.3.1 §4.2: what a command is made of, in memory that the HBA reads.  Nothing here touches hardware.

#ifndef PYRALLAX_AHCI_FIS_H
#define PYRALLAX_AHCI_FIS_H

#include <stdbool.h>
#include <stdint.h>

#define FIS_H2D_LEN 20           // SATA 3.4 §10.5.5, bytes
#define FIS_PRDS 24              // entries of a table: it is 512 bytes then
#define FIS_PRD_BYTES 0x400000ul // most that one entry covers

// What a read or write is to be.
#define FIS_WRITE 1u
#define FIS_FUA 2u
#define FIS_QUEUED 4u // NCQ
#define FIS_LBA48 8u
#define FIS_ATAPI 16u

// §4.2.2
typedef struct {
    uint32_t flags; // CFL 4:0, A 5, W 6, PRDTL 31:16
    uint32_t prdbc; // the HBA counts here
    uint32_t table, table_hi;
    uint32_t reserved[4];
} fis_header_t;
_Static_assert(sizeof(fis_header_t) == 32, "");

// §4.2.3.3
typedef struct {
    uint32_t at, at_hi;
    uint32_t reserved;
    uint32_t last; // bytes - 1; bit 0 is set: counts are even
} fis_prd_t;
_Static_assert(sizeof(fis_prd_t) == 16, "");

// §4.2.3
typedef struct {
    uint8_t cfis[64];
    uint8_t acmd[16];
    uint8_t reserved[48];
    fis_prd_t prd[FIS_PRDS];
} fis_table_t;
_Static_assert(sizeof(fis_table_t) == 512, "");

// Register H2D FIS of a read or write of 1 to 65536 blocks (1 to 256 without FIS_LBA48); tag: of a queued one.
void fis_rw(uint8_t *cfis, unsigned what, uint64_t lba, uint32_t blocks, unsigned tag);
// Append a range to the table, which has n entries, or with NULL only count; their new number, or 0 when there are too
// few.  phys and len are even.
unsigned fis_range(fis_table_t *table, unsigned n, uint64_t phys, uint64_t len);
// First word of the header.
uint32_t fis_flags(unsigned what, unsigned prds);

#endif
