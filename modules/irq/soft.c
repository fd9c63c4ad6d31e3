// SPDX-License-Identifier: MIT
// Soft handlers are queued by the interrupt and run by MicroPython's scheduler.  The first of a batch comes through a
// scheduler node, which is never refused.  What fires while the batch runs waits for the scheduler's ordinary queue
// instead: of that one entry runs at a time, so the thread gets on even when a line fires without end.

#include "io.h"
#include "irqmod.h"
#include "klog.h"
#include "py/runtime.h"
#include "timer.h"

#define QUEUE_FULL_US 1000

static line_t *queue_head, *queue_tail;
static mp_sched_node_t node;
static bool in_batch;
static bool again; // run_again is in the scheduler's queue

static void run_batch(mp_sched_node_t *unused);

static mp_obj_t run_again(mp_obj_t unused) {
    (void)unused;
    again = false;
    run_batch(NULL);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(run_again_obj, run_again);

void soft_queue(line_t *l) {
    if (l->due) {
        return; // edges that come meanwhile are one
    }
    l->due = true;
    l->queued = NULL;
    if (queue_head == NULL) {
        queue_head = l;
    } else {
        queue_tail->queued = l;
    }
    queue_tail = l;
    if (!in_batch) {
        mp_sched_schedule_node(&node, run_batch);
    }
}

void soft_fire(uint32_t intid, void *arg) {
    if (irq_entry(intid)->trigger == IRQ_LEVEL) {
        irq_mask(intid);
    }
    soft_queue(arg);
}

static void serve(line_t *l) {
    uint32_t intid = l->who.intid;
    const irq_entry_t *e = irq_entry(intid);
    mp_obj_t exception = irqpy_call_soft(l->handler, MP_OBJ_FROM_PTR(l), &l->who);
    if (e->trigger == IRQ_EDGE) {
        return;
    }
    if (exception != MP_OBJ_NULL) {
        // Its cause is most likely still there: unmasked it would fire at once, and raise again.
        line_stop_raised(l, mp_obj_get_type_str(exception));
    } else if (irqstorm_returned(&l->row, irq_pending(intid), irq_idles, cntvct(), timer_hz)) {
        l->row.returns = 0;
        irq_stop(intid, IRQ_STORM);
        klog(KLOG_WARN,
             "irq: storm on INTID %u %s, masked after %u interrupts: %s leaves it raised",
             (unsigned)intid, qstr_str(l->who.line), (unsigned)e->count, qstr_str(l->who.function));
    } else {
        irq_unmask(intid);
    }
}

// Interrupt context.
static void retry(void) {
    mp_sched_schedule_node(&node, run_batch);
}

static void run_batch(mp_sched_node_t *unused) {
    (void)unused;
    if (in_batch) {
        return; // a handler that caught the KeyboardInterrupt meant to end it: the batch goes on when it returns
    }
    uint64_t state = irq_save();
    line_t *last = queue_tail;
    in_batch = true;
    while (queue_head != NULL) {
        line_t *l = queue_head;
        queue_head = l->queued;
        l->due = false;
        if (!irq_entry(l->who.intid)->enabled) {
            l->late = true;
        } else {
            l->running = true;
            irq_restore(state);
            serve(l);
            state = irq_save();
            l->running = false;
        }
        if (l == last) {
            break;
        }
    }
    in_batch = false;
    if (queue_head != NULL && !again) {
        again = mp_sched_schedule(MP_OBJ_FROM_PTR(&run_again_obj), mp_const_none);
        if (!again) {
            // Full.  The scheduler runs nodes until there are none before it looks into its queue: give it a while.
            timer_set(TIMER_BATCH, timer_after_us(QUEUE_FULL_US), retry);
        }
    }
    irq_restore(state);
}

void soft_reset(void) {
    queue_head = queue_tail = NULL;
    in_batch = false;
    again = false; // the scheduler's queue begins anew
    timer_cancel(TIMER_BATCH);
}
