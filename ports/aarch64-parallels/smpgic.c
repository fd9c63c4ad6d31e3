// SPDX-License-Identifier: MIT
// SGIs between CPUs, and the interface of the parked ones: they take no interrupt, but wake from WFI by one.

#include "smpgic.h"

#include "gic.h"
#include "hw.h"
#include "io.h"
#include "irq.h"

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

static bool v3_init(bool boot_cpu, unsigned cpu) {
    target[cpu] = sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
    if (boot_cpu) {
        return true; // gicv3.c enables all SGIs
    }
    uint64_t rd = gicv3_find_redistributor();
    if (rd == 0) {
        return false;
    }
    gicv3_redistributor_init(rd, 1u << SMPGIC_SGI);
    gicv3_interface_init();
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
