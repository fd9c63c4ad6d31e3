// SPDX-License-Identifier: MIT
#ifndef PYRALLAX_MACHINE_MEM_H
#define PYRALLAX_MACHINE_MEM_H

#include "py/obj.h"

typedef struct {
    mp_obj_base_t base;
    unsigned size; // bytes
} port_mem_obj_t;

extern const port_mem_obj_t port_mem8_obj;
extern const port_mem_obj_t port_mem16_obj;
extern const port_mem_obj_t port_mem32_obj;
extern const port_mem_obj_t port_mem64_obj;

#endif
