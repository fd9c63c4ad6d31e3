// SPDX-License-Identifier: MIT
// RecursionError for recursion that MicroPython does not count.  mp_cstack_check guards calls, repr, json and re's
// matcher; comparing or hashing nested tuples, compiling deep source or a deep pattern recurse unchecked, and one
// line typed at the prompt would end the session.  The guard page catches them all: unwind to the innermost
// handler, as the check would have done.

#include "stackguard.h"

#include <stdint.h>

#include "io.h"
#include "memlayout.h"
#include "py/cstack.h"
#include "py/nlr.h"
#include "py/runtime.h"

#define SPSR_I (1u << 7)
// What raising needs, taken from the lowest frames, which the unwinding abandons: making the exception may collect
// garbage, and finalisers written in Python fail their own check at this depth.
#define RESERVE (THREAD_STACK_MARGIN / 2)

extern char __thread_stack_bottom[], __thread_stack_top[];

static char *bottom = __thread_stack_bottom, *top = __thread_stack_top;
static uint64_t busy = SPSR_I; // interrupts masked: somebody changes what handlers share

void stackguard_postmortem(char *from, char *to) {
    bottom = from;
    top = to;
    busy = 0; // they stay masked, and no handler runs
}

bool stackguard_hit(uint64_t far) {
    return (uint64_t)bottom - far <= GUARD_SIZE;
}

static bool above_reserve(const void *p) {
    return (uintptr_t)p > (uintptr_t)bottom + RESERVE + PAGE_SIZE && (uintptr_t)p < (uintptr_t)top;
}

__attribute__((noreturn)) static void land(void) {
    mp_raise_recursion_depth();
}

bool stackguard_recover(exc_frame_t *f) {
    // Collecting: the heap is half marked.
    if ((f->spsr & busy) != 0 || (MP_STATE_THREAD(gc_lock_depth) & GC_COLLECT_FLAG) != 0) {
        return false;
    }
    // The handler's frame and the clean-ups on the way to it lie above what is overwritten.
    const nlr_jump_callback_node_t *cleanup = MP_STATE_THREAD(nlr_jump_callback_top);
    if (!above_reserve(MP_STATE_THREAD(nlr_top)) || (cleanup != NULL && !above_reserve(cleanup))) {
        return false;
    }
    sysreg_write(sp_el0, (uint64_t)bottom + RESERVE); // the return leaves it as it is
    f->x[29] = 0; // the frames below are gone: backtraces end here
    f->x[30] = 0;
    f->elr = (uint64_t)land;
    return true;
}
