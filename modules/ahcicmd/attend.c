// SPDX-License-Identifier: MIT
// From C to recovery in Python, and back whatever that does.

#include "ahcicmd.h"

#include "io.h"
#include "klog.h"
#include "py/mperrno.h"
#include "py/runtime.h"

void port_attend(port_t *p) {
    if (p->recovering) {
        return;
    }
    // The Ctrl-C that cancelled a request is not to stop what cleans up after it; another one may.
    uint64_t state = irq_save();
    mp_obj_t pending = MP_STATE_MAIN_THREAD(mp_pending_exception);
    MP_STATE_MAIN_THREAD(mp_pending_exception) = MP_OBJ_NULL;
    irq_restore(state);
    nlr_buf_t nlr;
    bool raised = p->attend == mp_const_none;
    if (!raised && nlr_push(&nlr) == 0) {
        mp_call_function_1(p->attend, MP_OBJ_FROM_PTR(p));
        nlr_pop();
        raised = (p->active | p->held) != 0; // it promises to leave nothing
    } else if (!raised) {
        raised = true;
        mp_obj_t exc = MP_OBJ_FROM_PTR(nlr.ret_val);
        if (mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(exc)),
                                    MP_OBJ_FROM_PTR(&mp_type_KeyboardInterrupt))) {
            pending = exc; // for the program, once the disk is out of the way
        } else {
            klog(KLOG_ERROR, "ahci: recovery of port %u raised %s", (unsigned)p->number,
                 mp_obj_get_type_str(exc));
        }
    }
    p->late = 0;
    if (raised) {
        port_stop(p); // what was under way no longer has its buffers
        state = irq_save();
        p->recovering = 0;
        p->active = p->queued = p->held = p->alone = 0; // results are -EIO since they were issued
        p->cancelled = 0;
        p->attention = 1; // the port is in an unknown state: next time again
        irq_restore(state);
    }
    if (pending != MP_OBJ_NULL) {
        mp_sched_exception(pending);
    }
}

void port_ill(port_t *p, int why, uint32_t mine) {
    if (why != WAIT_DONE) {
        p->late |= why == WAIT_TIMEOUT;
        p->cancelled |= why == WAIT_CANCELLED ? p->active & mine : 0;
        port_attend(p);
    }
}

int port_mended(port_t *p) {
    if (p->attention && !p->recovering) {
        port_attend(p);
        if (p->attention && !p->gone) {
            return -MP_EIO;
        }
    }
    return 0;
}
