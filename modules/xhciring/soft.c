// SPDX-License-Identifier: MIT
// Controllers that are in use, and their callbacks by the scheduler.

#include "io.h"
#include "irqpy.h"
#include "modules/dma/dma.h"
#include "py/runtime.h"
#include "softreset.h"
#include "xhciring.h"

#define USBCMD 0x00
#define CMD_RS (1u << 0)
#define CMD_HCRST (1u << 1)
#define USBSTS 0x04
#define STS_HCH (1u << 0)

MP_REGISTER_ROOT_POINTER(struct controller *xhciring_controllers);

bool controller_has(const mmio_regs_t *op) {
    for (controller_t *c = MP_STATE_VM(xhciring_controllers); c != NULL; c = c->next) {
        if (c->op->addr == op->addr) {
            return true;
        }
    }
    return false;
}

bool controller_used(controller_t *c, bool on) {
    const dma_device_t device = {c->op->addr, USBCMD, CMD_RS, USBSTS, STS_HCH, CMD_HCRST};
    if (on && !dma_device_add(&device)) {
        return false;
    }
    if (!on) {
        dma_device_remove(c->op->addr);
    }
    uint64_t state = irq_save();
    controller_t **p = (controller_t **)&MP_STATE_VM(xhciring_controllers);
    while (*p != NULL && *p != c) {
        p = &(*p)->next;
    }
    if (on && *p == NULL) {
        c->next = MP_STATE_VM(xhciring_controllers);
        MP_STATE_VM(xhciring_controllers) = c;
    } else if (!on && *p == c) {
        *p = c->next;
    }
    irq_restore(state);
    return true;
}

// ---- callbacks

static controller_t *turn(void) {
    for (controller_t *c = MP_STATE_VM(xhciring_controllers); c != NULL; c = c->next) {
        if (c->turn) {
            return c;
        }
    }
    return NULL;
}

static mp_sched_node_t node;
static bool running;
static bool again; // run_again is in the scheduler's queue

static void run(mp_sched_node_t *unused);

static mp_obj_t run_again(mp_obj_t unused) {
    (void)unused;
    again = false;
    run(NULL);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(run_again_obj, run_again);

void controller_want(controller_t *c) {
    c->due = true;
    if (!running && !again) {
        mp_sched_schedule_node(&node, run);
    }
}

// Each controller once: transfers that end as soon as a callback has begun them must not keep the program from going on.
static void run(mp_sched_node_t *unused) {
    (void)unused;
    if (running) {
        return; // a callback that waits: what it began goes on when it returns
    }
    running = true;
    for (controller_t *c = MP_STATE_VM(xhciring_controllers); c != NULL; c = c->next) {
        c->turn = c->due;
    }
    for (controller_t *c; (c = turn()) != NULL;) {
        c->turn = c->due = false;
        if (c->callback != mp_const_none) {
            irqpy_call_soft(c->callback, MP_OBJ_FROM_PTR(c), NULL);
        }
    }
    uint64_t state = irq_save();
    running = false;
    bool left = false;
    for (controller_t *c = MP_STATE_VM(xhciring_controllers); c != NULL; c = c->next) {
        c->due = c->callback != mp_const_none && match_queued(&c->match) != 0;
        left = left || c->due;
    }
    // A node would be run before anything else has its turn (py/scheduler.c).
    if (left && !again) {
        again = mp_sched_schedule(MP_OBJ_FROM_PTR(&run_again_obj), mp_const_none);
        if (!again) {
            mp_sched_schedule_node(&node, run);
        }
    }
    irq_restore(state);
}

static void forget(void) {
    MP_STATE_VM(xhciring_controllers) = NULL;
    running = again = false; // the scheduler's queue begins anew
}
SOFTRESET(forget);
