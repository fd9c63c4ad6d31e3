// SPDX-License-Identifier: MIT
// What drivers in C ask of the pool.

#ifndef PYRALLAX_DMA_H
#define PYRALLAX_DMA_H

#include <stddef.h>

#include "py/obj.h"

// A cleared Buffer, which has the buffer protocol.  align: a power of two.  Raises OSError(ENOMEM).
mp_obj_t dma_new(size_t size, size_t align, qstr name);
// What its free() does.
void dma_free(mp_obj_t buffer);

// During a soft reset: a device has not stopped, so what is taken stays so until the next.
void dma_keep(void);

#endif
