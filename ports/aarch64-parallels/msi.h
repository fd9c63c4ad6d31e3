// SPDX-License-Identifier: MIT
// Message-signalled interrupts: one allocator over GICv2m frames and the ITS.

#ifndef PYRALLAX_MSI_H
#define PYRALLAX_MSI_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    MSI_NONE,
    MSI_V2M,
    MSI_ITS,
} msi_kind_t;

typedef struct {
    msi_kind_t kind;
    uint32_t device;  // requester id, for the ITS
    uint64_t address; // doorbell
    uint32_t data;    // of the first vector; the others count up
    uint32_t intid;   // likewise
    uint32_t count;
} msi_vectors_t;

typedef struct {
    msi_kind_t kind; // what msi_alloc tries first
    uint32_t total;  // as far as known: LPIs count when the ITS is in use or is all there is
    uint32_t used;
} msi_stats_t;

// 0, or -ENODEV where there is neither, -ENOSPC, -EINVAL, -ENOMEM, -EIO.
int msi_alloc(uint32_t count, uint32_t device, msi_vectors_t *v);
void msi_free(const msi_vectors_t *v);
// The INTID is one that msi_alloc handed out.
bool msi_holds(uint32_t intid);
void msi_stats(msi_stats_t *s);

#endif
