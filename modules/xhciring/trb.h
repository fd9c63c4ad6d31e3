// SPDX-License-Identifier: MIT
// Transfer Request Blocks, xHCI 1.2 §6.4: 16 bytes, little endian, in memory that the controller reads and writes at any time.

#ifndef PYRALLAX_XHCIRING_TRB_H
#define PYRALLAX_XHCIRING_TRB_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t parameter;
    uint32_t status;
    uint32_t control;
} trb_t;
_Static_assert(sizeof(trb_t) == 16, "TRB, §6.4");

// control
#define TRB_CYCLE (1u << 0)
#define TRB_TOGGLE (1u << 1) // Link: the next segment is of the next lap
#define TRB_ISP (1u << 2)    // event when a packet is short
#define TRB_CHAIN (1u << 4)
#define TRB_IOC (1u << 5) // event when done
#define TRB_IDT (1u << 6) // the parameter is the data
#define TRB_EVENT_DATA (1u << 2)
#define TRB_IN (1u << 16) // direction of a data or status stage
#define TRB_TRT_OUT (2u << 16)
#define TRB_TRT_IN (3u << 16)
#define TRB_TYPE(n) ((uint32_t)(n) << 10)
#define TRB_TYPE_OF(control) ((control) >> 10 & 0x3f)

enum { // §6.4.6
    TRB_NORMAL = 1,
    TRB_SETUP = 2,
    TRB_DATA = 3,
    TRB_STATUS = 4,
    TRB_LINK = 6,
    TRB_EV_TRANSFER = 32,
    TRB_EV_COMMAND = 33,
    TRB_EV_PORT = 34,
    TRB_EV_HOST = 37,
    TRB_EV_WRAP = 39,
};

enum { // completion codes, §6.4.5
    CC_SUCCESS = 1,
    CC_SHORT = 13,
    CC_UNDERRUN = 14,
    CC_OVERRUN = 15,
    CC_EVENT_RING_FULL = 21,
    CC_COMMAND_RING_STOPPED = 24,
    CC_STOPPED = 26,
    CC_STOPPED_LENGTH = 27,
    CC_STOPPED_SHORT = 28,
    CC_LOST = 256, // ours: no event came, but one of a later TD
};

#define TRB_BYTES_MAX 65536u // of data; they do not cross a multiple of it either, §6.4.1

// What was stored before is visible to the controller before what is stored after; loads likewise.
#ifdef PYRALLAX_HOST
#define trb_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define trb_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#else
#define trb_wmb() __asm__ volatile("dmb oshst" ::: "memory")
#define trb_rmb() __asm__ volatile("dmb oshld" ::: "memory")
#endif

// The word with the cycle bit is stored and loaded whole.
static inline void trb_give(trb_t *t, uint32_t control) {
    __atomic_store_n(&t->control, control, __ATOMIC_RELAXED);
}

static inline uint32_t trb_control(const trb_t *t) {
    return __atomic_load_n(&t->control, __ATOMIC_RELAXED);
}

#endif
