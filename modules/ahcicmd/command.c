// SPDX-License-Identifier: MIT
// Methods of Port for commands that are no reads or writes, and for recovery.

#include "ahcicmd.h"

#include <string.h>

#include "io.h"
#include "mmu.h"
#include "postmortem.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "timer.h"

// run(cfis, buf=None, what=0, timeout_ms=…, cdb=None) -> WAIT_*: a command that is not a read or write.  Waits until the
// port works on nothing else.  It goes by slot 0 with a table of its own: a request that recovery holds may have slot 0's.
static mp_obj_t port_run(size_t n_args, const mp_obj_t *args) {
    port_t *p = MP_OBJ_TO_PTR(args[0]);
    mp_buffer_info_t fis, info = {0}, cdb = {0};
    mp_get_buffer_raise(args[1], &fis, MP_BUFFER_READ);
    unsigned what = n_args > 3 ? (unsigned)mp_obj_get_int(args[3]) : 0;
    uint32_t timeout_ms = n_args > 4 ? (uint32_t)mp_obj_get_int(args[4]) : p->timeout_ms;
    if (n_args > 2 && args[2] != mp_const_none) {
        mp_get_buffer_raise(args[2], &info, what & FIS_WRITE ? MP_BUFFER_READ : MP_BUFFER_WRITE);
    }
    if (n_args > 5 && args[5] != mp_const_none) {
        mp_get_buffer_raise(args[5], &cdb, MP_BUFFER_READ);
    }
    if (p->gone) {
        mp_raise_OSError((int)p->gone);
    }
    fis_table_t *t = &p->tables[AHCI_SLOTS];
    bool direct = info.len == 0 || scatter(p, NULL, 0, (piece_t) {info.buf, info.len}) != 0;
    if (fis.len != FIS_H2D_LEN || cdb.len > sizeof(t->acmd) || (info.len & 1) ||
        info.len > (direct ? FIS_PRDS * FIS_PRD_BYTES : p->bounce_len)) {
        mp_raise_ValueError(MP_ERROR_TEXT("a FIS of 20 bytes, a CDB of at most 16, even data"));
    }
    while (p->active != 0) {
        int why = port_wait(p, p->active, true, p->timeout_ms);
        if (why != WAIT_DONE) {
            return MP_OBJ_NEW_SMALL_INT(why);
        }
    }
    if (!direct && (what & FIS_WRITE)) {
        memcpy(p->bounce, info.buf, info.len);
    }
    memcpy(t->cfis, fis.buf, FIS_H2D_LEN);
    memset(t->acmd, 0, sizeof(t->acmd));
    memcpy(t->acmd, cdb.buf == NULL ? (void *)t->acmd : cdb.buf, cdb.len);
    piece_t piece = {direct ? info.buf : p->bounce, info.len};
    unsigned prds = info.len == 0 ? 0 : scatter(p, t, 0, piece);
    uint64_t at = mmu_phys(t);
    p->list[0] = (fis_header_t) {
        .flags = fis_flags(what, prds), .table = (uint32_t)at, .table_hi = (uint32_t)(at >> 32)};
    p->run_obj = n_args > 2 ? args[2] : mp_const_none; // also after a failure: hardware may go on
    slot_t request = p->slot[0];
    p->slot[0].result = -MP_EIO;
    p->alone = 1;
    int why = port_issue_and_wait(p, 0, timeout_ms);
    p->alone = why == WAIT_DONE ? 0 : 1;
    // A request that has ended, or that recovery holds, keeps its slot.
    uint64_t since = p->slot[0].since;
    p->slot[0] = request;
    p->slot[0].since = since; // poll() looks at it
    if (p->gone) {
        mp_raise_OSError((int)p->gone);
    }
    if (why == WAIT_DONE && !direct && !(what & FIS_WRITE)) {
        memcpy(info.buf, p->bounce, info.len);
    }
    return MP_OBJ_NEW_SMALL_INT(why);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_run_obj, 2, 6, port_run);

// poll() -> bool: look at the port as an interrupt would; whether it needs attention.
static mp_obj_t port_poll(mp_obj_t self_in) {
    port_t *p = MP_OBJ_TO_PTR(self_in);
    if (!p->gone) {
        port_recheck(p);
    }
    uint64_t state = irq_save(), now = cntvct(), limit = timer_hz / 1000 * p->timeout_ms;
    for (uint32_t a = p->active; a != 0; a &= a - 1) {
        if (now - p->slot[__builtin_ctz(a)].since > limit) {
            p->late = p->attention = 1;
        }
    }
    irq_restore(state);
    return mp_obj_new_bool(p->attention && !p->gone);
}
MP_DEFINE_CONST_FUN_OBJ_1(port_poll_obj, port_poll);

// halt() -> mask: begin recovery.  The engine is stopped; what it worked on is held until finish().  Python clears
// `recovering` and `attention` when it is done.  Raises OSError(ETIMEDOUT) when the engine does not stop: reset the link.
static mp_obj_t port_halt(mp_obj_t self_in) {
    port_t *p = MP_OBJ_TO_PTR(self_in);
    postmortem_check_write();
    p->recovering = 1;
    bool stopped = port_stop(p);
    uint64_t state = irq_save();
    p->held |= p->active & p->taken & ~p->alone;
    p->cancelled &= p->held;
    p->alone = 0;
    p->active = p->queued = 0;
    irq_restore(state);
    if (!stopped) {
        mp_raise_OSError(MP_ETIMEDOUT);
    }
    return mp_obj_new_int_from_uint(p->held);
}
MP_DEFINE_CONST_FUN_OBJ_1(port_halt_obj, port_halt);

static unsigned slot_arg(const port_t *p, mp_obj_t o) {
    mp_int_t i = mp_obj_get_int(o);
    if (i < 0 || i >= AHCI_SLOTS || !(p->held >> i & 1)) {
        mp_raise_ValueError(MP_ERROR_TEXT("no held slot"));
    }
    return (unsigned)i;
}

// rerun(i) -> WAIT_*: a held slot's command again, alone and not queued.
static mp_obj_t port_rerun(mp_obj_t self_in, mp_obj_t index) {
    port_t *p = MP_OBJ_TO_PTR(self_in);
    unsigned i = slot_arg(p, index);
    port_build(p, i, false);
    return MP_OBJ_NEW_SMALL_INT(port_issue_and_wait(p, i, p->timeout_ms));
}
MP_DEFINE_CONST_FUN_OBJ_2(port_rerun_obj, port_rerun);

// finish(i, result): a held slot has ended.
static mp_obj_t port_finish(mp_obj_t self_in, mp_obj_t index, mp_obj_t result) {
    port_t *p = MP_OBJ_TO_PTR(self_in);
    unsigned i = slot_arg(p, index);
    p->slot[i].result = (int16_t)mp_obj_get_int(result);
    p->held &= ~(1u << i);
    p->cancelled &= ~(1u << i);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_3(port_finish_obj, port_finish);

// request(i) -> (what, lba, blocks) of a slot
static mp_obj_t port_request(mp_obj_t self_in, mp_obj_t index) {
    port_t *p = MP_OBJ_TO_PTR(self_in);
    const slot_t *s = &p->slot[(unsigned)mp_obj_get_int(index) % AHCI_SLOTS];
    mp_obj_t items[] = {MP_OBJ_NEW_SMALL_INT(s->what), mp_obj_new_int_from_uint(s->lba),
                        MP_OBJ_NEW_SMALL_INT(s->blocks)};
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
MP_DEFINE_CONST_FUN_OBJ_2(port_request_obj, port_request);
