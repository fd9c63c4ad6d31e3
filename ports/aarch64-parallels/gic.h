// SPDX-License-Identifier: MIT
// GIC registers (Arm IHI 0069H, GICv3/v4 §12; IHI 0048B, GICv2 §4).

#ifndef PYRALLAX_GIC_H
#define PYRALLAX_GIC_H

#include <stdbool.h>
#include <stdint.h>

#include "irq.h"

// What the two versions do differently.  All for INTIDs below irq_lines() and with IRQ masked.
typedef struct {
    void (*enable)(uint32_t intid);
    void (*disable)(uint32_t intid);
    void (*trigger)(uint32_t intid, irq_trigger_t trigger);
    void (*pend)(uint32_t intid);
    void (*unpend)(uint32_t intid);
    bool (*pending)(uint32_t intid);
    int (*priority)(uint32_t intid, int priority); // set unless negative, read back
    uint32_t (*ack)(void);                         // IAR
    void (*eoi)(uint32_t iar);
    uint32_t intid_mask; // of IAR
} gic_ops_t;

const gic_ops_t *gicv2_init(uint32_t *lines);
const gic_ops_t *gicv3_init(uint32_t *lines);
// The boot CPU's redistributor, 0 without one.
uint64_t gicv3_redistributor(void);
// For the other CPUs, on each itself.  That CPU's redistributor, 0 without one;
uint64_t gicv3_find_redistributor(void);
// all its own lines off but these SGIs;
void gicv3_redistributor_init(uint64_t redistributor, uint32_t sgis);
// and its interface open.
void gicv3_interface_init(void);

#define GICD_CTLR 0x000       // RW §12.9.4
#define GICD_TYPER 0x004      // RO
#define GICD_IGROUPR 0x080    // RW, a bit per INTID
#define GICD_ISENABLER 0x100  // RW1S
#define GICD_ICENABLER 0x180  // RW1C
#define GICD_ISPENDR 0x200    // RW1S
#define GICD_ICPENDR 0x280    // RW1C
#define GICD_ICACTIVER 0x380  // RW1C
#define GICD_IPRIORITYR 0x400 // RW, a byte per INTID
#define GICD_ITARGETSR 0x800  // RW, a byte per INTID, GICv2
#define GICD_ICFGR 0xc00      // RW, two bits per INTID: bit 1 edge
#define GICD_SGIR 0xf00       // WO, GICv2
#define GICD_CPENDSGIR 0xf10  // RW1C, a byte per SGI, GICv2
#define GICD_IROUTER 0x6000   // RW, 64 bits per INTID, GICv3

#define GICD_CTLR_GRP0 (1u << 0)
#define GICD_CTLR_GRP1 (1u << 1)
#define GICD_CTLR_ARE (1u << 4)
#define GICD_CTLR_DS (1u << 6)
#define GICD_CTLR_RWP (1u << 31)
#define GICD_TYPER_LPIS (1u << 17)
#define GICD_TYPER_IDBITS(typer) (((typer) >> 19 & 0x1f) + 1)

#define GICC_CTLR 0x000 // RW
#define GICC_PMR 0x004  // RW
#define GICC_BPR 0x008  // RW
#define GICC_IAR 0x00c  // RO
#define GICC_EOIR 0x010 // WO

#define GICR_CTLR 0x0000      // RW
#define GICR_TYPER 0x0008     // RO, 64 bits
#define GICR_WAKER 0x0014     // RW
#define GICR_PROPBASER 0x0070 // RW, 64 bits
#define GICR_PENDBASER 0x0078 // RW, 64 bits
#define GICR_SGI 0x10000      // second frame: SGIs and PPIs, registers as in GICD
#define GICR_CTLR_LPIS (1u << 0)
#define GICR_CTLR_RWP (1u << 3)
#define GICR_TYPER_PLPIS (1u << 0)
#define GICR_TYPER_VLPIS (1u << 1)
#define GICR_TYPER_LAST (1u << 4)
#define GICR_WAKER_SLEEP (1u << 1)
#define GICR_WAKER_ASLEEP (1u << 2)

#define GIC_PRIORITY 0xa0
#define GIC_MASK_NONE 0xf0 // 5 priority bits on Parallels: 0xff reads 0xf8

#endif
