// SPDX-License-Identifier: MIT
// Python callbacks from interrupt handlers.

#include "irqpy.h"

#include "io.h"
#include "memlayout.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/runtime.h"
#include "timer.h"

extern char __exc_stack_top[];

uint32_t irqpy_hard_depth;

static bool soft_running;
static uint32_t held_calls; // of irqpy_call_held() under way
static bool interrupt_held; // Ctrl-C came while it ran
static bool forced;         // sched_state is not what it was when the handler began
static int16_t state_before;

static void out_of_patience(void);

// Interrupts masked.
static void hold(void) {
    interrupt_held = true;
    uint32_t ms = soft_running ? IRQPY_PATIENCE_MS : IRQPY_REQUEST_MS;
    timer_set(TIMER_INTERRUPT, timer_after_us(ms * 1000), out_of_patience);
}

static void report(const char *kind, const irqpy_who_t *who, mp_obj_t exception) {
    mp_printf(MICROPY_ERROR_PRINTER, "Uncaught exception in a %s interrupt handler", kind);
    if (who != NULL) {
        mp_printf(MICROPY_ERROR_PRINTER, ": %q of INTID %u %q", who->function, (unsigned)who->intid,
                  who->line);
    }
    mp_print_str(MICROPY_ERROR_PRINTER, "\n");
    mp_obj_print_exception(MICROPY_ERROR_PRINTER, exception);
}

bool irqpy_call_hard(mp_obj_t callback, mp_obj_t arg, const irqpy_who_t *who) {
    // Python's stack check must measure the stack it runs on.
    char *stack_top = MP_STATE_THREAD(stack_top);
    mp_uint_t stack_limit = MP_STATE_THREAD(stack_limit);
    mp_cstack_init_with_top(__exc_stack_top,
                            EXC_STACK_SIZE - EXC_STACK_SIZE / 4 + MICROPY_STACK_CHECK_MARGIN);
    // nlr.c finds the clean-ups that an exception skips by their address.  The thread's lie below every frame of this
    // stack: an exception in the callback, caught or not, would run them under the thread's feet.
    nlr_jump_callback_node_t *cleanups = MP_STATE_THREAD(nlr_jump_callback_top);
    MP_STATE_THREAD(nlr_jump_callback_top) = NULL;
    // A KeyboardInterrupt that the thread has not seen yet is for the thread.
    mp_obj_t pending = MP_STATE_THREAD(mp_pending_exception);
    MP_STATE_THREAD(mp_pending_exception) = MP_OBJ_NULL;
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
        report("hard", who, MP_OBJ_FROM_PTR(nlr.ret_val));
    }
    irqpy_hard_depth--;
    gc_unlock();
    if (pending != MP_OBJ_NULL) {
        MP_STATE_THREAD(mp_pending_exception) = pending;
    }
    mp_sched_unlock(); // looks at the pending exception
    MP_STATE_THREAD(nlr_jump_callback_top) = cleanups;
    MP_STATE_THREAD(stack_top) = stack_top;
    MP_STATE_THREAD(stack_limit) = stack_limit;
    return ok;
}

// Interrupts masked, and one that held it less: the program gets it, unless another still holds it.
static void let_go(void) {
    if (interrupt_held && !soft_running && held_calls == 0) {
        interrupt_held = false;
        timer_cancel(TIMER_INTERRUPT);
        mp_sched_keyboard_interrupt();
    }
}

mp_obj_t irqpy_call_soft(mp_obj_t callback, mp_obj_t arg, const irqpy_who_t *who) {
    uint64_t state = irq_save();
    mp_obj_t pending = MP_STATE_THREAD(mp_pending_exception);
    MP_STATE_THREAD(mp_pending_exception) = MP_OBJ_NULL;
    soft_running = true;
    if (pending != MP_OBJ_NULL) {
        hold(); // nothing but the interrupt character makes one pending
    }
    irq_restore(state);

    mp_obj_t exception = MP_OBJ_NULL;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_call_function_1(callback, arg);
        nlr_pop();
    } else {
        exception = MP_OBJ_FROM_PTR(nlr.ret_val);
        report("soft", who, exception);
    }

    state = irq_save();
    soft_running = false;
    if (forced) {
        forced = false;
        MP_STATE_VM(sched_state) = state_before;
    }
    let_go();
    irq_restore(state);
    return exception;
}

mp_obj_t irqpy_call_held(mp_obj_t function, size_t n, const mp_obj_t *args, mp_obj_t *exception) {
    uint64_t state = irq_save();
    mp_obj_t pending = MP_STATE_THREAD(mp_pending_exception);
    if (pending != MP_OBJ_NULL && !soft_running) {
        MP_STATE_THREAD(mp_pending_exception) = MP_OBJ_NULL;
        hold();
    }
    held_calls++;
    irq_restore(state);

    mp_obj_t result = MP_OBJ_NULL;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        result = mp_call_function_n_kw(function, n, 0, args);
        nlr_pop();
    } else {
        *exception = MP_OBJ_FROM_PTR(nlr.ret_val);
    }

    state = irq_save();
    held_calls--;
    let_go();
    irq_restore(state);
    return result;
}

// Interrupt context: the handler had its time, and both it and the thread are interrupted.
static void out_of_patience(void) {
    if (soft_running && interrupt_held && !forced) {
        // While the scheduler is locked, as it is around a soft handler, the VM does not look for exceptions at all: it
        // only compares this (py/scheduler.c, mp_sched_exception).
        forced = true;
        state_before = MP_STATE_VM(sched_state);
        MP_STATE_VM(sched_state) = MP_SCHED_PENDING;
        mp_sched_keyboard_interrupt();
    } else if (!soft_running && held_calls != 0) {
        mp_sched_keyboard_interrupt(); // ends the call; interrupt_held has it raised once more, after that
    }
}

void irqpy_keyboard_interrupt(void) {
    if ((!soft_running && held_calls == 0) || irqpy_hard_depth != 0) {
        mp_sched_keyboard_interrupt();
        return;
    }
    hold();
}
