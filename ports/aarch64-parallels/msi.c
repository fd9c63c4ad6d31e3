// SPDX-License-Identifier: MIT
// Where there are both, a GICv2m frame goes first: it is what Parallels has, so its way is the one that is tested
// most; it needs no tables in memory, and enabling LPIs often cannot be undone (GICR_CTLR.EnableLPIs, Arm IHI 0069H
// §12.11.2).  The ITS serves when the frames are full.

#include "msi.h"

#include <errno.h>
#include <stddef.h>

#include "hw.h"
#include "io.h"
#include "irq.h"
#include "its.h"
#include "klog.h"
#include "msipool.h"

// GICv2m frame (Arm SBSA, appendix E; reference §1.5).
#define V2M_MSI_TYPER 0x008 // RO: base SPI 25:16, count 9:0
#define V2M_SETSPI_NS 0x040 // WO: the doorbell, takes the absolute SPI

static struct {
    uint64_t base;
    msipool_t pool;
} frames[HW_MAX_V2M];
static uint32_t frame_count;
static msipool_t lpi_pool = {.base = IRQ_LPI, .count = IRQ_LPIS};
static bool found;

static void find_frames(void) {
    if (found || !irq_ready()) {
        return;
    }
    found = true;
    for (uint32_t i = 0; i < hw.v2m_count && i < HW_MAX_V2M; i++) {
        const hw_v2m_t *v = &hw.v2m[i];
        uint32_t typer = 0;
        if (!io_try_read32(v->base + V2M_MSI_TYPER, &typer)) {
            klog(KLOG_WARN, "msi: no GICv2m frame at 0x%lx", (unsigned long)v->base);
            continue;
        }
        uint32_t base = v->spi_base != 0 ? v->spi_base : typer >> 16 & 0x3ff;
        uint32_t count = v->spi_count != 0 ? v->spi_count : typer & 0x3ff;
        if (base < IRQ_SPI || base >= irq_lines() || count == 0) {
            klog(KLOG_WARN, "msi: frame at 0x%lx names SPIs %u+%u", (unsigned long)v->base, base,
                 count);
            continue;
        }
        count = count <= irq_lines() - base ? count : irq_lines() - base;
        frames[frame_count].base = v->base;
        frames[frame_count].pool.base = base;
        frames[frame_count++].pool.count = count;
        klog(KLOG_INFO, "msi: v2m=0x%lx spis=%u..%u", (unsigned long)v->base, base,
             base + count - 1);
    }
}

static int busy(uint32_t intid) {
    const irq_entry_t *e = irq_entry(intid);
    return e == NULL || e->fn != NULL;
}

static int from_its(uint32_t count, uint32_t device, msi_vectors_t *v) {
    int error = its_init();
    if (error != 0) {
        return error;
    }
    int64_t first = msipool_take(&lpi_pool, count, NULL);
    if (first < 0) {
        return (int)first;
    }
    uint32_t event = (uint32_t)first - IRQ_LPI;
    error = its_map(device, event, count);
    if (error != 0) {
        msipool_give(&lpi_pool, (uint32_t)first, count);
        return error;
    }
    *v = (msi_vectors_t) {MSI_ITS, device, its_doorbell(), event, (uint32_t)first, count};
    return 0;
}

int msi_alloc(uint32_t count, uint32_t device, msi_vectors_t *v) {
    find_frames();
    int error = -ENODEV;
    for (uint32_t i = 0; i < frame_count; i++) {
        int64_t first = msipool_take(&frames[i].pool, count, busy);
        if (first >= 0) {
            *v = (msi_vectors_t) {MSI_V2M,         device,          frames[i].base + V2M_SETSPI_NS,
                                  (uint32_t)first, (uint32_t)first, count};
            return 0;
        }
        error = (int)first;
    }
    int its = from_its(count, device, v);
    return its == -ENODEV ? error : its;
}

void msi_free(const msi_vectors_t *v) {
    if (v->kind == MSI_ITS) {
        its_unmap(v->device, v->data, v->count);
        msipool_give(&lpi_pool, v->intid, v->count);
        return;
    }
    for (uint32_t i = 0; i < frame_count; i++) {
        if (v->address == frames[i].base + V2M_SETSPI_NS) {
            msipool_give(&frames[i].pool, v->intid, v->count);
        }
    }
}

bool msi_holds(uint32_t intid) {
    for (uint32_t i = 0; i < frame_count; i++) {
        if (msipool_holds(&frames[i].pool, intid)) {
            return true;
        }
    }
    return msipool_holds(&lpi_pool, intid);
}

void msi_stats(msi_stats_t *s) {
    find_frames();
    *s = (msi_stats_t) {.kind = frame_count != 0 ? MSI_V2M : MSI_NONE};
    for (uint32_t i = 0; i < frame_count; i++) {
        s->total += frames[i].pool.count;
        s->used += frames[i].pool.used;
    }
    if (its_possible()) {
        s->kind = s->kind == MSI_NONE ? MSI_ITS : s->kind;
        s->total += its_ready() || s->kind == MSI_ITS ? lpi_pool.count : 0;
        s->used += lpi_pool.used;
    }
}
