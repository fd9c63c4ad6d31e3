// SPDX-License-Identifier: MIT
// Interrupts: one table from INTID to handler, over GICv2 or GICv3.

#ifndef PYRALLAX_IRQ_H
#define PYRALLAX_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "irqstorm.h"

#define IRQ_MAX 1020 // INTIDs 1020..1023 are special (GIC architecture §2.2)
#define IRQ_SGIS 16
#define IRQ_SPI 32          // first
#define IRQ_LPI 8192u       // first
#define IRQ_LPIS 512u       // as many as have an entry
#define IRQ_PRIORITIES 0xf0 // values from here on never reach the CPU (GIC_MASK_NONE)

typedef enum {
    IRQ_LEVEL = 0,
    IRQ_EDGE = 1,
} irq_trigger_t;

typedef enum {
    IRQ_OK,
    IRQ_STORM,     // masked by the breaker
    IRQ_RAISED,    // masked, its Python handler raised
    IRQ_UNHANDLED, // masked, it fired and had no handler
} irq_state_t;

typedef void (*irq_fn_t)(uint32_t intid, void *arg);

typedef struct {
    irq_fn_t fn; // NULL: free
    void *arg;
    const char *name; // or NULL
    uint32_t count;   // times taken since boot
    uint8_t trigger;  // irq_trigger_t
    uint8_t state;    // irq_state_t
    bool enabled;
    bool keep;     // never masked by the storm breaker
    bool late;     // came while disabled: an SGI that cannot be
    uint64_t last; // CNTVCT when it was taken last; 0: never
    irqstorm_window_t window;
} irq_entry_t;

extern uint32_t irq_spurious;
// Set by every interrupt; a waiter clears it before it looks for work, see mphalport.c.
extern uint32_t irq_seen;
// Counts waits in which the CPU slept.
extern uint32_t irq_idles;
// Time that interrupts took, for the storm breaker.
extern irqstorm_t irq_load;

void irq_init(void);
bool irq_ready(void);
// Handlers run with interrupts masked, on the exception stack.  The line is left disabled, not pending, at the usual
// priority.  fn NULL removes.  0, or -ENODEV without a controller, -EINVAL for no such line, -EBUSY when it is taken.
int irq_install(uint32_t intid, irq_fn_t fn, void *arg, irq_trigger_t trigger);
// Name it for irq.stats() and the log, until the next irq_install.
void irq_name(uint32_t intid, const char *name);
// The machine is lost without this line: the storm breaker leaves it alone.
void irq_keep(uint32_t intid);

// These are IRQ-safe and ignore a line that does not exist.
void irq_enable(uint32_t intid); // also ends the states storm and raised
void irq_disable(uint32_t intid);
// Mask and unmask at the controller while the line counts as enabled: between interrupt and soft handler.
void irq_mask(uint32_t intid);
void irq_unmask(uint32_t intid);
// Make it pending from software.
void irq_pend(uint32_t intid);
// Pending, or a level line that is raised.  False for LPIs: the controller does not tell.
bool irq_pending(uint32_t intid);
// Set the priority (0 the most urgent) unless it is negative; returns what the controller made of it.
int irq_priority(uint32_t intid, int priority);
// Mask a line and keep why.
void irq_stop(uint32_t intid, irq_state_t why);

// Interrupts the controller has; 0 without one.
uint32_t irq_lines(void);
// NULL for no such line.
const irq_entry_t *irq_entry(uint32_t intid);
// Priority bits the controller implements.
uint32_t irq_priority_bits(void);
// Nonzero in a handler.
extern uint32_t irq_depth;

#endif
