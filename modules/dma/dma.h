// SPDX-License-Identifier: MIT
// What drivers in C ask of the pool.

#ifndef PYRALLAX_DMA_H
#define PYRALLAX_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "py/obj.h"

// A cleared Buffer, which has the buffer protocol.  align: a power of two.  Raises OSError(ENOMEM).
mp_obj_t dma_new(size_t size, size_t align, qstr name);
// What its free() does.
void dma_free(mp_obj_t buffer);

// A device that reaches the pool, and how it is stopped: `run` bits of its command are cleared, `halted` bits of its
// status become set; if they do not, `reset` bits of the command are set, which clear themselves.  Offsets from regs.
typedef struct {
    uintptr_t regs;
    uint32_t command, run, status, halted, reset;
} dma_device_t;

// From now on, or anew for the same regs, a soft reset stops it.  False: too many.
bool dma_device_add(const dma_device_t *device);
void dma_device_remove(uintptr_t regs);
// Stop all of them, which takes them off the list; false: one goes on.
bool dma_stop_devices(void);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(dma_stop_at_reset_obj);

// During a soft reset: a device has not stopped, so what is taken stays so until the next.
void dma_keep(void);

#endif
