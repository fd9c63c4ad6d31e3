// SPDX-License-Identifier: MIT
// SGIs between CPUs, and the interface of the parked ones: they take no interrupt, but wake from WFI by one.

#include "smpgic.h"

#include "gic.h"
#include "hw.h"
#include "io.h"
#include "irq.h"

#define WAKE_POLLS 1000000
#define AFFINITY 0xff00ffffffull // of MPIDR_EL1

// Per CPU: GICv2 the mask of its interface (GICD_ITARGETSR0 reads as it), GICv3 its affinity.
// The last place is for a boot CPU that the tables do not list.
static uint64_t target[HW_MAX_CPUS + 1];
static bool usable[HW_MAX_CPUS + 1];

static bool v2_init(bool boot_cpu, unsigned cpu) {
    target[cpu] = io_read32(hw.gicd + GICD_ITARGETSR) & 0xff;
    if (target[cpu] == 0) {
        return false;
    }
    if (!boot_cpu) {
        io_write32(hw.gicd + GICD_ICENABLER, 0xffffffff); // banked: this CPU's
        io_write32(hw.gicd + GICD_IGROUPR, 0);
        for (uint32_t i = 0; i < 32; i += 4) {
            io_write32(hw.gicd + GICD_IPRIORITYR + i, GIC_PRIORITY * 0x01010101u);
        }
        io_write32(hw.gicc + GICC_PMR, GIC_MASK_NONE);
        io_write32(hw.gicc + GICC_BPR, 0);
        io_write32(hw.gicc + GICC_CTLR, 1);
    }
    io_write32(hw.gicd + GICD_ISENABLER, 1u << SMPGIC_SGI);
    return true;
}

// As gicv3.c's: the frames are not in CPU order (observed: Parallels, 4 CPUs).
static uint64_t redistributor(uint64_t affinity) {
    uint64_t packed = (affinity >> 32 << 24) | (affinity & 0xffffff);
    for (uint32_t r = 0; r < hw.gicr_count; r++) {
        uint64_t at = hw.gicr[r].base, end = at + hw.gicr[r].size, typer = 0;
        while (at + 0x20000 <= end && io_try_read64(at + GICR_TYPER, &typer)) {
            if (typer >> 32 == packed) {
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

static bool v3_init(bool boot_cpu, unsigned cpu) {
    target[cpu] = sysreg_read(mpidr_el1) & AFFINITY;
    if (boot_cpu) {
        return true; // gicv3.c enables all SGIs
    }
    uint64_t rd = redistributor(target[cpu]), sgi = rd + GICR_SGI;
    if (rd == 0) {
        return false;
    }
    uint32_t waker = io_read32(rd + GICR_WAKER);
    if (waker & (GICR_WAKER_SLEEP | GICR_WAKER_ASLEEP)) { // reads 0 on Parallels: nothing to wake
        io_write32(rd + GICR_WAKER, waker & ~GICR_WAKER_SLEEP);
        for (int i = 0; i < WAKE_POLLS && (io_read32(rd + GICR_WAKER) & GICR_WAKER_ASLEEP); i++) {
        }
    }
    io_write32(sgi + GICD_ICENABLER, 0xffffffff);
    io_write32(sgi + GICD_IGROUPR, 0xffffffff);
    for (uint32_t i = 0; i < 32; i += 4) {
        io_write32(sgi + GICD_IPRIORITYR + i, GIC_PRIORITY * 0x01010101u);
    }
    io_write32(sgi + GICD_ISENABLER, 1u << SMPGIC_SGI);
    sysreg_write(S3_0_C12_C12_5, sysreg_read(S3_0_C12_C12_5) | 1); // ICC_SRE_EL1.SRE
    isb();
    sysreg_write(S3_0_C4_C6_0, GIC_MASK_NONE);                         // ICC_PMR_EL1
    sysreg_write(S3_0_C12_C12_3, 0);                                   // ICC_BPR1_EL1
    sysreg_write(S3_0_C12_C12_4, sysreg_read(S3_0_C12_C12_4) & ~2ull); // ICC_CTLR_EL1.EOImode 0
    isb();
    sysreg_write(S3_0_C12_C12_7, 1); // ICC_IGRPEN1_EL1
    isb();
    return true;
}

bool smpgic_init(bool boot_cpu, unsigned cpu) {
    if (!irq_ready()) {
        return false;
    }
    usable[cpu] = hw.gic_version >= 3 ? v3_init(boot_cpu, cpu) : v2_init(boot_cpu, cpu);
    return usable[cpu];
}

void smpgic_wake(unsigned cpu) {
    uint64_t t = target[cpu];
    if (!usable[cpu]) {
        return;
    }
    dsb_sy(); // what the other CPU shall find is visible before the interrupt is
    if (hw.gic_version >= 3) {
        // ICC_SGI1R_EL1 (IHI 0069H §12.2.23): the affinity's last byte is a bit in a list of 16.
        uint64_t v = (t >> 32 & 0xff) << 48 | (t >> 4 & 0xf) << 44 | (t >> 16 & 0xff) << 32 |
                     (uint64_t)SMPGIC_SGI << 24 | (t >> 8 & 0xff) << 16 | 1ull << (t & 0xf);
        sysreg_write(S3_0_C12_C11_5, v);
        isb();
    } else {
        io_write32(hw.gicd + GICD_SGIR, (uint32_t)t << 16 | SMPGIC_SGI);
    }
}

void smpgic_ack(void) {
    if (hw.gic_version >= 3) {
        uint64_t iar = sysreg_read(S3_0_C12_C12_0); // ICC_IAR1_EL1
        if ((iar & 0xffffff) < IRQ_MAX) {
            sysreg_write(S3_0_C12_C12_1, iar); // ICC_EOIR1_EL1
            isb();
        }
    } else {
        uint32_t iar = io_read32(hw.gicc + GICC_IAR);
        if ((iar & 0x3ff) < IRQ_MAX) {
            io_write32(hw.gicc + GICC_EOIR, iar);
        }
    }
}
