// SPDX-License-Identifier: MIT
// What must stop at a soft reset, before the heap is reused.

#ifndef PYRALLAX_SOFTRESET_H
#define PYRALLAX_SOFTRESET_H

typedef void (*softreset_fn_t)(void);

// Each entry is called in order at a soft reset.  Place: SOFTRESET(fn) at file scope.
#define SOFTRESET(fn)                                                                              \
    __attribute__((used, section("softreset"))) static const softreset_fn_t softreset_##fn = fn

// The same before all of those: a device that may have addresses in memory.
#define SOFTRESET_DEVICE(fn)                                                                       \
    __attribute__((used,                                                                           \
                   section("softreset.device"))) static const softreset_fn_t softreset_##fn = fn

void softreset_run(void);

#endif
