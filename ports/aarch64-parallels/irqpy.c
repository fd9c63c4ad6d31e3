// SPDX-License-Identifier: MIT
// Python callbacks from interrupt handlers.

#include "irqpy.h"

#include "memlayout.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/runtime.h"

extern char __exc_stack_top[];

uint32_t irqpy_hard_depth;

bool irqpy_call_hard(mp_obj_t callback, mp_obj_t arg) {
    // Python's stack check must measure the stack it runs on.
    char *stack_top = MP_STATE_THREAD(stack_top);
    mp_uint_t stack_limit = MP_STATE_THREAD(stack_limit);
    mp_cstack_init_with_top(__exc_stack_top,
                            EXC_STACK_SIZE - EXC_STACK_SIZE / 4 + MICROPY_STACK_CHECK_MARGIN);
    // nlr.c finds the clean-ups that an exception skips by their address.  The thread's lie below every frame of this
    // stack: an exception in the callback, caught or not, would run them under the thread's feet.
    nlr_jump_callback_node_t *cleanups = MP_STATE_THREAD(nlr_jump_callback_top);
    MP_STATE_THREAD(nlr_jump_callback_top) = NULL;
    mp_sched_lock();
    gc_lock();
    irqpy_hard_depth++;
    bool ok = true;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_call_function_1(callback, arg);
        nlr_pop();
    } else {
        ok = false;
        mp_printf(MICROPY_ERROR_PRINTER, "Uncaught exception in a hard interrupt handler\n");
        mp_obj_print_exception(MICROPY_ERROR_PRINTER, MP_OBJ_FROM_PTR(nlr.ret_val));
    }
    irqpy_hard_depth--;
    gc_unlock();
    mp_sched_unlock();
    MP_STATE_THREAD(nlr_jump_callback_top) = cleanups;
    MP_STATE_THREAD(stack_top) = stack_top;
    MP_STATE_THREAD(stack_limit) = stack_limit;
    return ok;
}
