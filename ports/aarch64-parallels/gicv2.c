// SPDX-License-Identifier: MIT
// GICv2 (Arm IHI 0048B): distributor and memory-mapped CPU interface.  One CPU.

#include "gic.h"
#include "hw.h"
#include "io.h"
#include "irq.h"

static uintptr_t dist, cpu;

static void enable(uint32_t intid) {
    io_write32(dist + GICD_ISENABLER + intid / 32 * 4, 1u << intid % 32);
}

static void disable(uint32_t intid) {
    io_write32(dist + GICD_ICENABLER + intid / 32 * 4, 1u << intid % 32);
}

static void trigger(uint32_t intid, irq_trigger_t t) {
    if (intid < 16) {
        return; // SGIs are edge
    }
    uintptr_t reg = dist + GICD_ICFGR + intid / 16 * 4;
    uint32_t bit = 2u << intid % 16 * 2;
    uint32_t v = io_read32(reg);
    io_write32(reg, t == IRQ_EDGE ? v | bit : v & ~bit);
}

static void pend(uint32_t intid) {
    if (intid < 16) {
        io_write32(dist + GICD_SGIR, 2u << 24 | intid); // to this CPU
    } else {
        io_write32(dist + GICD_ISPENDR + intid / 32 * 4, 1u << intid % 32);
    }
}

static void unpend(uint32_t intid) {
    if (intid < 16) {
        io_write32(dist + GICD_CPENDSGIR + intid / 4 * 4, 0xffu << intid % 4 * 8); // of any CPU
    } else {
        io_write32(dist + GICD_ICPENDR + intid / 32 * 4, 1u << intid % 32);
    }
}

static bool pending(uint32_t intid) {
    return io_read32(dist + GICD_ISPENDR + intid / 32 * 4) >> intid % 32 & 1;
}

// 32-bit accesses: all that is known to work everywhere (reference §10).
static int priority(uint32_t intid, int value) {
    uintptr_t reg = dist + GICD_IPRIORITYR + intid / 4 * 4;
    uint32_t shift = intid % 4 * 8;
    if (value >= 0) {
        io_write32(reg, (io_read32(reg) & ~(0xffu << shift)) | (uint32_t)value << shift);
    }
    return io_read32(reg) >> shift & 0xff;
}

static uint32_t ack(void) {
    return io_read32(cpu + GICC_IAR);
}

static void eoi(uint32_t iar) {
    io_write32(cpu + GICC_EOIR, iar);
}

static const gic_ops_t ops = {enable,  disable,  trigger, pend, unpend,
                              pending, priority, ack,     eoi,  0x3ff};

const gic_ops_t *gicv2_init(uint32_t *lines) {
    dist = hw.gicd;
    cpu = hw.gicc;
    uint32_t n = ((io_read32(dist + GICD_TYPER) & 0x1f) + 1) * 32;
    n = n > IRQ_MAX ? IRQ_MAX : n;
    io_write32(dist + GICD_CTLR, 0);
    // ITARGETSR0 reads as this CPU's own interface, 0 where there is only one (§4.3.12).
    uint32_t self = io_read32(dist + GICD_ITARGETSR) & 0xff;
    self = self != 0 ? self : 1;
    for (uint32_t i = 0; i < n; i += 32) {
        // With the security extensions group 0 is not ours and the write is ignored; without, all go to IRQ here.
        io_write32(dist + GICD_IGROUPR + i / 8, 0);
        io_write32(dist + GICD_ICENABLER + i / 8, 0xffffffff);
        io_write32(dist + GICD_ICACTIVER + i / 8, 0xffffffff);
    }
    // A line without a handler stays disabled, so priorities and targets can wait for nothing: set all once.
    for (uint32_t i = 0; i < n; i += 4) {
        io_write32(dist + GICD_IPRIORITYR + i, GIC_PRIORITY * 0x01010101u);
        if (i >= 32) {
            io_write32(dist + GICD_ITARGETSR + i, self * 0x01010101u);
        }
    }
    io_write32(dist + GICD_CTLR, GICD_CTLR_GRP0);
    io_write32(cpu + GICC_PMR, GIC_MASK_NONE);
    io_write32(cpu + GICC_BPR, 0);
    io_write32(cpu + GICC_CTLR, 1);
    *lines = n;
    return &ops;
}
