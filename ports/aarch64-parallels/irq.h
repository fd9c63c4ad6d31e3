// SPDX-License-Identifier: MIT
// Interrupts: one table from INTID to handler, over GICv2 or GICv3.

#ifndef PYRALLAX_IRQ_H
#define PYRALLAX_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#define IRQ_MAX 1020 // INTIDs 1020..1023 are special (GIC architecture §2.2)

typedef enum {
    IRQ_LEVEL = 0,
    IRQ_EDGE = 1,
} irq_trigger_t;

typedef void (*irq_fn_t)(uint32_t intid, void *arg);

typedef struct {
    void (*enable)(uint32_t intid);
    void (*disable)(uint32_t intid);
    void (*trigger)(uint32_t intid, irq_trigger_t trigger);
    void (*pend)(uint32_t intid);
    uint32_t (*ack)(void);
    void (*eoi)(uint32_t iar);
} gic_ops_t;

extern uint32_t irq_count[IRQ_MAX]; // times taken
extern uint32_t irq_spurious;
// Set by every interrupt; a waiter clears it before it looks for work, see mphalport.c.
extern uint32_t irq_seen;

void irq_init(void);
bool irq_ready(void);
// Handlers run with interrupts masked, on the exception stack.  fn NULL removes.
int irq_install(uint32_t intid, irq_fn_t fn, void *arg, irq_trigger_t trigger);
void irq_enable(uint32_t intid);
void irq_disable(uint32_t intid);
// Make it pending from software.
void irq_pend(uint32_t intid);
// Interrupts the controller has; 0 without one.
uint32_t irq_lines(void);
// Nonzero in a handler.
extern uint32_t irq_depth;

const gic_ops_t *gicv2_init(uint32_t *lines);
const gic_ops_t *gicv3_init(uint32_t *lines);

#endif
