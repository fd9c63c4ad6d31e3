// SPDX-License-Identifier: MIT
// Python callbacks from interrupt handlers.

#ifndef PYRALLAX_IRQPY_H
#define PYRALLAX_IRQPY_H

#include <stdbool.h>
#include <stdint.h>

#include "py/obj.h"

// What an exception's report calls the handler.
typedef struct {
    uint32_t intid;
    qstr line;
    qstr function;
} irqpy_who_t;

// Depth of hard Python handlers now running.
extern uint32_t irqpy_hard_depth;

// Call callback(arg) now, in interrupt context: no allocation, scheduler locked.  Returns false when it raised;
// the exception is printed, with who unless that is NULL, and the caller should not call it again.
bool irqpy_call_hard(mp_obj_t callback, mp_obj_t arg, const irqpy_who_t *who);

// Call callback(arg) from the scheduler.  Returns MP_OBJ_NULL, or the exception it raised, which is printed.
mp_obj_t irqpy_call_soft(mp_obj_t callback, mp_obj_t arg, const irqpy_who_t *who);

// The interrupt character came in.  While a soft handler runs, KeyboardInterrupt waits for its end, so that a driver is
// not cut off between two registers; a handler that does not end within IRQPY_PATIENCE_MS is ended by it.
// IRQ-safe.
#define IRQPY_PATIENCE_MS 250
void irqpy_keyboard_interrupt(void);

// function(args...) with the interrupt character waiting as above, for up to IRQPY_REQUEST_MS: for what C code calls that
// cannot be cut off.  Returns MP_OBJ_NULL when it raised, KeyboardInterrupt after that time; that one is raised again in
// the program.
#define IRQPY_REQUEST_MS 1500
mp_obj_t irqpy_call_held(mp_obj_t function, size_t n, const mp_obj_t *args, mp_obj_t *exception);

#endif
