// SPDX-License-Identifier: MIT
// Tests that two CPUs do together.

#ifndef PYRALLAX_SMP_PAIR_H
#define PYRALLAX_SMP_PAIR_H

#include "py/obj.h"

MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(smp_ping_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(smp_shootdown_obj);

#endif
