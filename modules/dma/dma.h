// SPDX-License-Identifier: MIT
// What drivers in C ask of the pool.

#ifndef PYRALLAX_DMA_H
#define PYRALLAX_DMA_H

// During a soft reset: a device has not stopped, so what is taken stays so until the next.
void dma_keep(void);

#endif
