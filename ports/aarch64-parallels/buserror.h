// SPDX-License-Identifier: MIT
#ifndef PYRALLAX_BUSERROR_H
#define PYRALLAX_BUSERROR_H

#include "py/obj.h"

// OSError(EFAULT) with .addr .write .size .esr .far .pc of a device access that faulted.
extern const mp_obj_type_t mp_type_BusError;

#endif
