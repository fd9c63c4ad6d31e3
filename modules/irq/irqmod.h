// SPDX-License-Identifier: MIT
// What the files of module irq share.

#ifndef PYRALLAX_MODULES_IRQ_H
#define PYRALLAX_MODULES_IRQ_H

#include "irq.h"
#include "irqpy.h"
#include "py/obj.h"

typedef struct line {
    mp_obj_base_t base;
    struct line *next;   // of all live lines: the collector's root
    struct line *queued; // of the lines whose soft handler is due
    mp_obj_t handler;
    irqpy_who_t who;
    uint32_t count_base; // the INTID's count when this line was made
    bool live;           // until free()
    bool hard;
    bool due;     // in the queue
    bool running; // its handler
    bool late;    // fired, then disabled before its handler ran
    irqstorm_row_t row;
} line_t;

extern const mp_obj_type_t irq_line_type;
extern const mp_obj_type_t irq_held_type;
extern const mp_obj_type_t irq_vectors_type;

// Arguments of irq.request from the handler on, as Vectors.request has them, too.
typedef struct {
    mp_obj_t handler;
    irq_trigger_t trigger;
    bool hard;
    mp_obj_t priority; // None: the usual one
    mp_obj_t name;     // None: the name of the handler
    bool enable;
} line_args_t;

// Take an INTID for Python.  Raises ValueError, TypeError, OSError(ENODEV), OSError(EBUSY).
mp_obj_t line_new(uint32_t intid, const line_args_t *a);
// The Python line on an INTID, or NULL.
line_t *line_of(uint32_t intid);
// Live lines.
uint32_t line_count(void);
// Mask a line whose handler raised, and log what.  IRQ-safe.
void line_stop_raised(const line_t *l, const char *what);

// Soft handlers: the interrupt's function, IRQ-safe,
void soft_fire(uint32_t intid, void *line);
// what it does about the handler, IRQ masked by the caller,
void soft_queue(line_t *l);
// and the end of all that are queued, at a soft reset, IRQ masked.
void soft_reset(void);

// "ok", "storm", "raised", "unhandled".
qstr line_state(const irq_entry_t *e);
qstr line_trigger(uint32_t trigger);
// -errno, or 0.
int line_free(line_t *l);
// irq.msi(count, device).
mp_obj_t vectors_new(mp_int_t count, mp_int_t device);
// Give back the vectors of all; at a soft reset, after the lines.
void vectors_reset(void);

#endif
