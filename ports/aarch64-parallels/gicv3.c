// SPDX-License-Identifier: MIT
// GICv3 (Arm IHI 0069H): distributor, redistributors, system-register CPU interface.

#include "gic.h"
#include "hw.h"
#include "io.h"
#include "irq.h"
#include "klog.h"
#include "smp.h"

#define RWP_POLLS 1000000

static uintptr_t dist, sgi, redistributor;

static void wait_rwp(void) {
    for (int i = 0; i < RWP_POLLS && (io_read32(dist + GICD_CTLR) & GICD_CTLR_RWP); i++) {
    }
}

static void wait_redistributor(uintptr_t rd) {
    for (int i = 0; i < RWP_POLLS && (io_read32(rd + GICR_CTLR) & GICR_CTLR_RWP); i++) {
    }
}

static uintptr_t frame(uint32_t intid) {
    return intid < 32 ? sgi : dist;
}

static void enable(uint32_t intid) {
    io_write32(frame(intid) + GICD_ISENABLER + intid / 32 * 4, 1u << intid % 32);
}

static void disable(uint32_t intid) {
    io_write32(frame(intid) + GICD_ICENABLER + intid / 32 * 4, 1u << intid % 32);
    if (intid >= 32) {
        wait_rwp();
    } else {
        wait_redistributor(redistributor);
    }
}

static void trigger(uint32_t intid, irq_trigger_t t) {
    if (intid < 16) {
        return; // SGIs are edge
    }
    uintptr_t reg = frame(intid) + GICD_ICFGR + intid / 16 * 4;
    uint32_t bit = 2u << intid % 16 * 2;
    uint32_t v = io_read32(reg);
    io_write32(reg, t == IRQ_EDGE ? v | bit : v & ~bit);
}

static void pend(uint32_t intid) {
    io_write32(frame(intid) + GICD_ISPENDR + intid / 32 * 4, 1u << intid % 32);
}

static void unpend(uint32_t intid) {
    io_write32(frame(intid) + GICD_ICPENDR + intid / 32 * 4, 1u << intid % 32);
}

static bool pending(uint32_t intid) {
    return io_read32(frame(intid) + GICD_ISPENDR + intid / 32 * 4) >> intid % 32 & 1;
}

// 32-bit accesses: all that is known to work everywhere (reference §10).
static int priority(uint32_t intid, int value) {
    uintptr_t reg = frame(intid) + GICD_IPRIORITYR + intid / 4 * 4;
    uint32_t shift = intid % 4 * 8;
    if (value >= 0) {
        io_write32(reg, (io_read32(reg) & ~(0xffu << shift)) | (uint32_t)value << shift);
    }
    return io_read32(reg) >> shift & 0xff;
}

static uint32_t ack(void) {
    uint32_t iar = (uint32_t)sysreg_read(S3_0_C12_C12_0); // ICC_IAR1_EL1
    dsb_sy(); // acknowledge before the handler's device accesses (§4.5.1)
    return iar;
}

static void eoi(uint32_t iar) {
    sysreg_write(S3_0_C12_C12_1, iar); // ICC_EOIR1_EL1
    isb();
}

static const gic_ops_t ops = {enable,  disable,  trigger, pend, unpend,
                              pending, priority, ack,     eoi,  0xffffff};

// The frames are not in CPU order (observed: Parallels, 4 CPUs): match GICR_TYPER's affinity.
uint64_t gicv3_find_redistributor(void) {
    uint64_t mpidr = sysreg_read(mpidr_el1);
    uint32_t affinity = (uint32_t)((mpidr >> 32 & 0xff) << 24 | (mpidr & 0xffffff));
    for (uint32_t r = 0; r < hw.gicr_count; r++) {
        uintptr_t at = hw.gicr[r].base, end = at + hw.gicr[r].size;
        while (at + 0x20000 <= end) {
            uint64_t typer;
            if (!io_try_read64(at + GICR_TYPER, &typer)) { // external abort (reference K18)
                if (smp_self() == 0) {                     // the others do not log
                    klog(KLOG_WARN, "gic: no redistributor at 0x%lx", (unsigned long)at);
                }
                break;
            }
            if (typer >> 32 == affinity) {
                return at;
            }
            if (typer & GICR_TYPER_LAST) {
                break;
            }
            at += typer & GICR_TYPER_VLPIS ? 0x40000 : 0x20000;
        }
    }
    return 0;
}

uint64_t gicv3_redistributor(void) {
    return redistributor;
}

void gicv3_redistributor_init(uint64_t rd, uint32_t sgis) {
    uint32_t waker = io_read32(rd + GICR_WAKER);
    if (waker & (GICR_WAKER_SLEEP | GICR_WAKER_ASLEEP)) { // reads 0 on Parallels: nothing to wake
        io_write32(rd + GICR_WAKER, waker & ~GICR_WAKER_SLEEP);
        for (int i = 0; i < RWP_POLLS && (io_read32(rd + GICR_WAKER) & GICR_WAKER_ASLEEP); i++) {
        }
    }
    uint64_t at = rd + GICR_SGI;
    io_write32(at + GICD_ICENABLER, 0xffffffff);
    wait_redistributor(rd);
    io_write32(at + GICD_ICACTIVER, 0xffffffff);
    io_write32(at + GICD_IGROUPR, 0xffffffff);
    for (uint32_t i = 0; i < 32; i += 4) {
        io_write32(at + GICD_IPRIORITYR + i, GIC_PRIORITY * 0x01010101u);
    }
    io_write32(at + GICD_ISENABLER, sgis);
}

void gicv3_interface_init(void) {
    sysreg_write(S3_0_C12_C12_5, sysreg_read(S3_0_C12_C12_5) | 1); // ICC_SRE_EL1.SRE
    isb();
    sysreg_write(S3_0_C4_C6_0, GIC_MASK_NONE);                         // ICC_PMR_EL1
    sysreg_write(S3_0_C12_C12_3, 0);                                   // ICC_BPR1_EL1
    sysreg_write(S3_0_C12_C12_4, sysreg_read(S3_0_C12_C12_4) & ~2ull); // ICC_CTLR_EL1.EOImode 0
    // ICC_AP1R0_EL1: what the firmware never ended must mask nothing
    sysreg_write(S3_0_C12_C9_0, 0);
    isb();
    sysreg_write(S3_0_C12_C12_7, 1); // ICC_IGRPEN1_EL1
    isb();
}

const gic_ops_t *gicv3_init(uint32_t *lines) {
    dist = hw.gicd;
    redistributor = gicv3_find_redistributor();
    if (redistributor == 0) {
        klog(KLOG_ERROR, "gic: no redistributor for this CPU");
        return NULL;
    }
    sgi = redistributor + GICR_SGI;
    uint32_t n = ((io_read32(dist + GICD_TYPER) & 0x1f) + 1) * 32;
    n = n > IRQ_MAX ? IRQ_MAX : n;

    // Groups off first; ARE may be on already and must not be cleared (§12.9.4: UNPREDICTABLE).
    uint32_t ctlr = io_read32(dist + GICD_CTLR);
    io_write32(dist + GICD_CTLR, ctlr & ~(GICD_CTLR_GRP0 | GICD_CTLR_GRP1));
    wait_rwp();
    ctlr &= GICD_CTLR_DS;
    io_write32(dist + GICD_CTLR, ctlr | GICD_CTLR_ARE);
    wait_rwp();
    uint64_t route = sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
    for (uint32_t i = 32; i < n; i += 32) {
        io_write32(dist + GICD_ICENABLER + i / 8, 0xffffffff);
        io_write32(dist + GICD_ICACTIVER + i / 8, 0xffffffff);
        io_write32(dist + GICD_IGROUPR + i / 8, 0xffffffff);
    }
    wait_rwp(); // all are disabled before their priority and route change (§12.9.19, §12.9.22)
    for (uint32_t i = 32; i < n; i += 4) {
        io_write32(dist + GICD_IPRIORITYR + i, GIC_PRIORITY * 0x01010101u);
    }
    for (uint32_t i = 32; i < n; i++) {
        io_write64(dist + GICD_IROUTER + 8 * i, route);
    }

    // SGIs pend but never fire until enabled (reference P13).
    gicv3_redistributor_init(redistributor, 0xffff);
    io_write32(dist + GICD_CTLR,
               ctlr | GICD_CTLR_ARE | GICD_CTLR_GRP1 | (ctlr ? GICD_CTLR_GRP0 : 0));
    wait_rwp();

    gicv3_interface_init();
    *lines = n;
    return &ops;
}
