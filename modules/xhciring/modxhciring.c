// SPDX-License-Identifier: MIT
// xhciring: the hot path of frozen/usb/xhci*.py: TRBs, doorbells, events.  Finding, starting and mending controllers and
// endpoints is Python's.

#include "xhciring.h"

#include <string.h>

#include "io.h"
#include "mmu.h"
#include "modules/dma/dma.h"
#include "modules/pyobj.h"
#include "postmortem.h"
#include "py/mperrno.h"
#include "py/runtime.h"

#define EVENTS_MIN 16 // §6.5
#define EVENTS_MAX 4096
#define QUEUE_MIN 4
#define QUEUE_MAX 4096
#define RECORD_ITEMS 8
#define SMALL_INT_BITS ((1ull << 62) - 1)

static bool power_of_two(mp_int_t n, mp_int_t least, mp_int_t most) {
    return n >= least && n <= most && (n & (n - 1)) == 0;
}

static mmio_regs_t *regs_arg(mp_obj_t o) {
    if (!mp_obj_is_type(o, &mmio_regs_type)) {
        mp_raise_TypeError(MP_ERROR_TEXT("a mmio.Regs"));
    }
    return MP_OBJ_TO_PTR(o);
}

// Controller(op, runtime, doorbells, *, segments=1, entries=256, queue=256)
static mp_obj_t controller_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                                    const mp_obj_t *all) {
    enum { ARG_op, ARG_runtime, ARG_doorbells, ARG_segments, ARG_entries, ARG_queue };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_op, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_runtime, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_doorbells, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_segments, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 1}},
        {MP_QSTR_entries, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 256}},
        {MP_QSTR_queue, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 256}},
    };
    (void)type;
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all, MP_ARRAY_SIZE(allowed), allowed, args);
    postmortem_check_write();
    mp_int_t segments = args[ARG_segments].u_int, entries = args[ARG_entries].u_int;
    mp_int_t queue = args[ARG_queue].u_int;
    if (segments < 1 || segments > EVENTS_SEGMENTS ||
        !power_of_two(entries, EVENTS_MIN, EVENTS_MAX) ||
        !power_of_two(queue, QUEUE_MIN, QUEUE_MAX)) {
        mp_raise_ValueError(MP_ERROR_TEXT("segments, entries or queue"));
    }
    controller_t *c = mp_obj_malloc(controller_t, &xhciring_controller_type);
    memset((char *)c + sizeof(c->base), 0, sizeof(*c) - sizeof(c->base));
    c->op = regs_arg(args[ARG_op].u_obj);
    c->runtime = regs_arg(args[ARG_runtime].u_obj);
    c->doorbells = regs_arg(args[ARG_doorbells].u_obj);
    if (controller_has(c->op)) {
        mp_raise_OSError(MP_EBUSY);
    }
    c->callback = mp_const_none;
    c->match.size = (uint32_t)queue;
    c->match.queue = m_new0(record_t, queue);
    c->events.history = m_new0(history_t, 1);
    c->events.segments = (uint32_t)segments;
    c->events.entries = (uint32_t)entries;
    // Aligned to its size no segment crosses 64 KiB, table 6-1; the table comes behind them.
    size_t bytes = (size_t)entries * sizeof(trb_t);
    c->memory = dma_new(bytes * segments + EVENTS_SEGMENTS * sizeof(erst_t), bytes, MP_QSTR_xhci);
    mp_buffer_info_t info;
    mp_get_buffer_raise(c->memory, &info, MP_BUFFER_RW);
    for (mp_int_t s = 0; s < segments; s++) {
        c->events.trbs[s] = (trb_t *)((uint8_t *)info.buf + s * bytes);
        c->events.phys[s] = mmu_phys(c->events.trbs[s]);
    }
    c->table = (erst_t *)((uint8_t *)info.buf + segments * bytes);
    events_reset(&c->events, c->table);
    if (!controller_used(c, true)) {
        dma_free(c->memory);
        mp_raise_OSError(MP_ENOSPC);
    }
    return MP_OBJ_FROM_PTR(c);
}

static controller_t *open(mp_obj_t self_in) {
    controller_t *c = MP_OBJ_TO_PTR(self_in);
    if (c->closed) {
        mp_raise_OSError(MP_ENODEV);
    }
    return c;
}

static mp_obj_t controller_program_(mp_obj_t self_in) {
    postmortem_check_write();
    int error = controller_program(open(self_in));
    if (error != 0) {
        mp_raise_OSError(-error);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(controller_program_obj, controller_program_);

// poll() -> records that next() has
static mp_obj_t controller_poll_(mp_obj_t self_in) {
    controller_t *c = MP_OBJ_TO_PTR(self_in);
    if (c->closed) {
        return MP_OBJ_NEW_SMALL_INT(0); // by a soft handler that came in between
    }
    uint64_t state = irq_save();
    controller_poll(c);
    uint32_t n = match_queued(&c->match);
    irq_restore(state);
    return MP_OBJ_NEW_SMALL_INT(n);
}
static MP_DEFINE_CONST_FUN_OBJ_1(controller_poll_obj, controller_poll_);

// serve(): call the callback if there is something for it, as from an interrupt: no soft handler comes in between.
static mp_obj_t controller_serve(mp_obj_t self_in) {
    controller_t *c = MP_OBJ_TO_PTR(self_in);
    if (c->closed || c->callback == mp_const_none || match_queued(&c->match) == 0) {
        return mp_const_none;
    }
    mp_sched_lock();
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        mp_sched_unlock();
        nlr_jump(nlr.ret_val);
    }
    mp_call_function_1(c->callback, self_in);
    nlr_pop();
    mp_sched_unlock();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(controller_serve_obj, controller_serve);

// next(record) -> bool
static mp_obj_t controller_next_(mp_obj_t self_in, mp_obj_t list) {
    controller_t *c = MP_OBJ_TO_PTR(self_in);
    mp_obj_t *items;
    size_t n = 0;
    record_t r;
    if (mp_obj_is_type(list, &mp_type_list)) {
        mp_obj_list_get(list, &n, &items);
    }
    if (n < RECORD_ITEMS) {
        mp_raise_TypeError(MP_ERROR_TEXT("a list of 8"));
    }
    if (c->closed || !controller_next(c, &r)) {
        return mp_const_false;
    }
    const int64_t values[RECORD_ITEMS] = {
        r.kind,
        r.slot,
        r.where,
        r.cookie,
        r.code,
        r.actual,
        (int64_t)(r.parameter & SMALL_INT_BITS),
        (int64_t)r.us,
    };
    for (size_t i = 0; i < RECORD_ITEMS; i++) {
        items[i] = MP_OBJ_NEW_SMALL_INT(values[i]);
    }
    return mp_const_true;
}
static MP_DEFINE_CONST_FUN_OBJ_2(controller_next_obj, controller_next_);

static mp_obj_t controller_stats(mp_obj_t self_in) {
    controller_t *c = MP_OBJ_TO_PTR(self_in);
    const match_stats_t *s = &c->match.stats;
    mp_obj_t out = mp_obj_new_dict(11);
    pyobj_store(out, MP_QSTR_interrupts, pyobj_uint(c->interrupts));
    pyobj_store(out, MP_QSTR_spurious, pyobj_uint(c->spurious));
    pyobj_store(out, MP_QSTR_events, pyobj_uint(s->events));
    pyobj_store(out, MP_QSTR_transfers, pyobj_uint(s->transfers));
    pyobj_store(out, MP_QSTR_commands, pyobj_uint(s->commands));
    pyobj_store(out, MP_QSTR_ports, pyobj_uint(s->ports));
    pyobj_store(out, MP_QSTR_foreign, pyobj_uint(s->foreign));
    pyobj_store(out, MP_QSTR_late, pyobj_uint(s->late));
    pyobj_store(out, MP_QSTR_lost, pyobj_uint(s->lost));
    pyobj_store(out, MP_QSTR_full, pyobj_uint(s->full));
    pyobj_store(out, MP_QSTR_queued, pyobj_uint(match_queued(&c->match)));
    return out;
}
static MP_DEFINE_CONST_FUN_OBJ_1(controller_stats_obj, controller_stats);

mp_obj_t xhciring_history(const history_t *h) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    history_entry_t e;
    uint64_t state = irq_save();
    uint32_t end = h->total, n = end - history_count(h);
    irq_restore(state);
    for (; n != end; n++) {
        state = irq_save();
        bool there = history_get(h, n, &e);
        irq_restore(state);
        if (!there) {
            continue; // pushed out meanwhile
        }
        mp_obj_t items[] = {
            pyobj_uint(e.us),       pyobj_uint(e.address), pyobj_uint(e.parameter),
            pyobj_uint(e.status),   pyobj_uint(e.control), MP_OBJ_NEW_SMALL_INT(e.code),
            pyobj_uint(e.residual), pyobj_uint(e.took_us),
        };
        mp_obj_list_append(list, mp_obj_new_tuple(MP_ARRAY_SIZE(items), items));
    }
    return list;
}

static mp_obj_t controller_history(mp_obj_t self_in) {
    return xhciring_history(((controller_t *)MP_OBJ_TO_PTR(self_in))->events.history);
}
static MP_DEFINE_CONST_FUN_OBJ_1(controller_history_obj, controller_history);

static mp_obj_t controller_deinit(mp_obj_t self_in) {
    controller_t *c = MP_OBJ_TO_PTR(self_in);
    if (!c->closed) {
        uint64_t state = irq_save();
        c->closed = true;
        c->due = false;
        irq_restore(state);
        controller_used(c, false);
        dma_free(c->memory);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(controller_deinit_obj, controller_deinit);

static void controller_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    controller_t *c = MP_OBJ_TO_PTR(self_in);
    if (attr == MP_QSTR_callback) {
        if (dest[0] == MP_OBJ_NULL) {
            dest[0] = c->callback;
        } else if (dest[1] != MP_OBJ_NULL) {
            c->callback = dest[1];
            dest[0] = MP_OBJ_NULL;
        }
    } else if (dest[0] == MP_OBJ_NULL) {
        if (attr == MP_QSTR_dead) {
            dest[0] = pyobj_uint(c->dead);
        } else {
            dest[1] = MP_OBJ_SENTINEL; // look in the locals
        }
    }
}

extern const mp_obj_fun_builtin_fixed_t xhciring_interrupt_obj;

static const mp_rom_map_elem_t controller_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_program), MP_ROM_PTR(&controller_program_obj)},
    {MP_ROM_QSTR(MP_QSTR_interrupt), MP_ROM_PTR(&xhciring_interrupt_obj)},
    {MP_ROM_QSTR(MP_QSTR_poll), MP_ROM_PTR(&controller_poll_obj)},
    {MP_ROM_QSTR(MP_QSTR_serve), MP_ROM_PTR(&controller_serve_obj)},
    {MP_ROM_QSTR(MP_QSTR_next), MP_ROM_PTR(&controller_next_obj)},
    {MP_ROM_QSTR(MP_QSTR_stats), MP_ROM_PTR(&controller_stats_obj)},
    {MP_ROM_QSTR(MP_QSTR_history), MP_ROM_PTR(&controller_history_obj)},
    {MP_ROM_QSTR(MP_QSTR_deinit), MP_ROM_PTR(&controller_deinit_obj)},
};
static MP_DEFINE_CONST_DICT(controller_locals, controller_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    xhciring_controller_type,
    MP_QSTR_Controller,
    MP_TYPE_FLAG_NONE,
    make_new, controller_make_new,
    attr, controller_attr,
    locals_dict, &controller_locals
    );

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_xhciring)},
    {MP_ROM_QSTR(MP_QSTR_Controller), MP_ROM_PTR(&xhciring_controller_type)},
    {MP_ROM_QSTR(MP_QSTR_Ring), MP_ROM_PTR(&xhciring_ring_type)},
    {MP_ROM_QSTR(MP_QSTR_TRANSFER), MP_ROM_INT(TRB_EV_TRANSFER)},
    {MP_ROM_QSTR(MP_QSTR_COMMAND), MP_ROM_INT(TRB_EV_COMMAND)},
    {MP_ROM_QSTR(MP_QSTR_PORT), MP_ROM_INT(TRB_EV_PORT)},
    {MP_ROM_QSTR(MP_QSTR_HOST), MP_ROM_INT(TRB_EV_HOST)},
    {MP_ROM_QSTR(MP_QSTR_LOST), MP_ROM_INT(CC_LOST)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_xhciring = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_xhciring, mod_xhciring);
