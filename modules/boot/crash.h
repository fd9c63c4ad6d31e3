// SPDX-License-Identifier: MIT
// Faults on purpose.

#ifndef PYRALLAX_BOOT_CRASH_H
#define PYRALLAX_BOOT_CRASH_H

#include "py/obj.h"

MP_DECLARE_CONST_FUN_OBJ_1(boot_crash_obj);

#endif
