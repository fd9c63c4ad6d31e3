// SPDX-License-Identifier: MIT
// Locals and stack of a Python function on the C stack, unless they are large.
//
// py/objfun.c takes them from the heap when they are more than 11 words, which is every other function of a driver: an
// allocation and a free for each call.  Where it gets NULL it takes the stack, and stack is what this port has.

#ifndef PYRALLAX_VMSTATE_H
#define PYRALLAX_VMSTATE_H

#include "py/mpconfig.h"
#include "py/misc.h"

#define VMSTATE_ON_STACK 512 // bytes

#undef m_new_obj_var_maybe
#define m_new_obj_var_maybe(obj_type, var_field, var_type, var_num)                                \
    ((var_num) <= VMSTATE_ON_STACK ?                                                               \
         NULL :                                                                                    \
         m_malloc_maybe(offsetof(obj_type, var_field) + sizeof(var_type) * (var_num)))

#endif
