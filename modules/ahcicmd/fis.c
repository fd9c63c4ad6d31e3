// SPDX-License-Identifier: MIT

#include "fis.h"

#include <stddef.h>

#define TYPE_H2D 0x27
#define C_COMMAND 0x80 // the command register is written, not device control
#define DEVICE_LBA 0x40

// ATA8-ACS §7.25, §7.60 and their neighbours; NCQ: SATA 3.4 §13.6.4.
#define READ_DMA 0xc8
#define WRITE_DMA 0xca
#define READ_DMA_EXT 0x25
#define WRITE_DMA_EXT 0x35
#define WRITE_DMA_FUA_EXT 0x3d
#define READ_FPDMA 0x60
#define WRITE_FPDMA 0x61

static uint8_t command(unsigned what) {
    bool write = (what & FIS_WRITE) != 0;
    if (what & FIS_QUEUED) {
        return write ? WRITE_FPDMA : READ_FPDMA;
    }
    if (!(what & FIS_LBA48)) {
        return write ? WRITE_DMA : READ_DMA;
    }
    return !write ? READ_DMA_EXT : (what & FIS_FUA) ? WRITE_DMA_FUA_EXT : WRITE_DMA_EXT;
}

void fis_rw(uint8_t *f, unsigned what, uint64_t lba, uint32_t blocks, unsigned tag) {
    uint8_t count = (uint8_t)blocks, count_hi = (uint8_t)(blocks >> 8); // 0 stands for all of them
    uint8_t feature = 0, feature_hi = 0, device = DEVICE_LBA;
    if (what & FIS_QUEUED) { // the count moves to make room for the tag
        feature = count;
        feature_hi = count_hi;
        count = (uint8_t)(tag << 3);
        count_hi = 0;
        device |= what & FIS_FUA ? 0x80 : 0;
    } else if (!(what & FIS_LBA48)) {
        device |= lba >> 24 & 0xf;
        lba &= 0xffffff;
        count_hi = 0;
    }
    f[0] = TYPE_H2D;
    f[1] = C_COMMAND;
    f[2] = command(what);
    f[3] = feature;
    f[4] = (uint8_t)lba;
    f[5] = (uint8_t)(lba >> 8);
    f[6] = (uint8_t)(lba >> 16);
    f[7] = device;
    f[8] = (uint8_t)(lba >> 24);
    f[9] = (uint8_t)(lba >> 32);
    f[10] = (uint8_t)(lba >> 40);
    f[11] = feature_hi;
    f[12] = count;
    f[13] = count_hi;
    for (int i = 14; i < FIS_H2D_LEN; i++) {
        f[i] = 0;
    }
}

unsigned fis_range(fis_table_t *table, unsigned n, uint64_t phys, uint64_t len) {
    while (len != 0) {
        if (n == FIS_PRDS) {
            return 0;
        }
        uint64_t part = len < FIS_PRD_BYTES ? len : FIS_PRD_BYTES;
        if (table != NULL) {
            table->prd[n] =
                (fis_prd_t) {(uint32_t)phys, (uint32_t)(phys >> 32), 0, (uint32_t)part - 1};
        }
        n++;
        phys += part;
        len -= part;
    }
    return n;
}

uint32_t fis_flags(unsigned what, unsigned prds) {
    return FIS_H2D_LEN / 4 | (what & FIS_ATAPI ? 1u << 5 : 0) | (what & FIS_WRITE ? 1u << 6 : 0) |
           prds << 16;
}
