// SPDX-License-Identifier: MIT
// Python callbacks from interrupt handlers.

#ifndef PYRALLAX_IRQPY_H
#define PYRALLAX_IRQPY_H

#include <stdbool.h>
#include <stdint.h>

#include "py/obj.h"

// Depth of hard Python handlers now running.
extern uint32_t irqpy_hard_depth;

// Call callback(arg) now, in interrupt context: no allocation, scheduler locked.  Returns false when it raised;
// the exception is printed and the caller should not call it again.
bool irqpy_call_hard(mp_obj_t callback, mp_obj_t arg);

#endif
