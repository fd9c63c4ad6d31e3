// SPDX-License-Identifier: MIT
// Type Ring: a producer ring as Python sees it, but for submissions.

#include <string.h>

#include "io.h"
#include "mmu.h"
#include "modules/dma/dma.h"
#include "modules/pyobj.h"
#include "postmortem.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "xhciring.h"

#define ENTRIES_MIN 4
#define ENTRIES_MAX 4096

static endpoint_t **place_of(controller_t *c, mp_int_t slot, mp_int_t dci) {
    if (slot < 0 || slot >= MATCH_SLOTS || dci < 0 || dci >= MATCH_DCIS ||
        (slot == 0) != (dci == 0)) {
        mp_raise_ValueError(MP_ERROR_TEXT("slot or dci"));
    }
    if (c->match.slots[slot] == NULL) {
        c->match.slots[slot] = m_new0(endpoint_t *, MATCH_DCIS);
    }
    return &c->match.slots[slot][dci];
}

// Ring(controller, slot, dci, *, entries=64, segments=1, mps=8, legacy=False)
static mp_obj_t ring_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                              const mp_obj_t *all) {
    enum { ARG_controller, ARG_slot, ARG_dci, ARG_entries, ARG_segments, ARG_mps, ARG_legacy };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_controller, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_slot, MP_ARG_REQUIRED | MP_ARG_INT, {0}},
        {MP_QSTR_dci, MP_ARG_REQUIRED | MP_ARG_INT, {0}},
        {MP_QSTR_entries, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 64}},
        {MP_QSTR_segments, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 1}},
        {MP_QSTR_mps, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 8}},
        {MP_QSTR_legacy, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
    };
    (void)type;
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all, MP_ARRAY_SIZE(allowed), allowed, args);
    postmortem_check_write();
    mp_int_t entries = args[ARG_entries].u_int, segments = args[ARG_segments].u_int;
    mp_int_t mps = args[ARG_mps].u_int;
    controller_t *c = MP_OBJ_TO_PTR(args[ARG_controller].u_obj);
    if (!mp_obj_is_type(args[ARG_controller].u_obj, &xhciring_controller_type) || c->closed ||
        entries < ENTRIES_MIN || entries > ENTRIES_MAX || (entries & (entries - 1)) != 0 ||
        segments < 1 || segments > PRODUCER_SEGMENTS || (segments & (segments - 1)) != 0 ||
        mps < 1 || mps > 0xffff) {
        mp_raise_ValueError(MP_ERROR_TEXT("controller, entries, segments or mps"));
    }
    endpoint_t **place = place_of(c, args[ARG_slot].u_int, args[ARG_dci].u_int);
    if (*place != NULL) {
        mp_raise_OSError(MP_EEXIST);
    }
    ring_t *r = mp_obj_malloc(ring_t, &xhciring_ring_type);
    r->controller = NULL;
    r->slot = (uint8_t)args[ARG_slot].u_int;
    r->dci = (uint8_t)args[ARG_dci].u_int;
    r->anchor = m_new0(anchor_t, 1);
    r->anchor->ring = MP_OBJ_FROM_PTR(r);
    producer_t *p = &r->anchor->endpoint.producer;
    p->segments = (uint32_t)segments;
    p->entries = (uint32_t)entries;
    p->mps = (uint32_t)mps;
    p->legacy = args[ARG_legacy].u_bool;
    p->in = r->dci > 1 && (r->dci & 1) != 0;
    p->tds = m_new0(td_t, producer_trbs(p));
    p->shadows = m_new0(shadow_t, producer_trbs(p));
    p->history = m_new0(history_t, 1);
    // Aligned to its size no segment crosses 64 KiB, table 6-1.
    size_t bytes = (size_t)entries * sizeof(trb_t);
    r->memory = dma_new(bytes * segments, bytes, MP_QSTR_xhci);
    mp_buffer_info_t info;
    mp_get_buffer_raise(r->memory, &info, MP_BUFFER_RW);
    for (mp_int_t s = 0; s < segments; s++) {
        p->trbs[s] = (trb_t *)((uint8_t *)info.buf + s * bytes);
        p->phys[s] = mmu_phys(p->trbs[s]);
    }
    producer_reset(p);
    r->controller = c;
    *place = &r->anchor->endpoint;
    return MP_OBJ_FROM_PTR(r);
}

static endpoint_t *endpoint_of(mp_obj_t self_in) {
    ring_t *r = MP_OBJ_TO_PTR(self_in);
    if (r->controller == NULL) {
        mp_raise_OSError(MP_ENODEV);
    }
    return &r->anchor->endpoint;
}

// ---- recovery

static mp_obj_t ring_kick(mp_obj_t self_in) {
    ring_t *r = MP_OBJ_TO_PTR(self_in);
    endpoint_t *ep = endpoint_of(self_in);
    uint64_t state = irq_save();
    ep->held = false;
    return ring_submitted(r, ring_ready(r), state);
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_kick_obj, ring_kick);

// cancel(cookie) -> 1 it was the oldest, 0 not, -ENOENT
static mp_obj_t ring_cancel(mp_obj_t self_in, mp_obj_t cookie) {
    producer_t *p = &endpoint_of(self_in)->producer;
    int32_t which = ring_cookie(cookie);
    uint64_t state = irq_save();
    td_t *td = producer_find(p, which);
    int result = td == NULL ? -MP_ENOENT : producer_cancel(p, td, xhciring_now_us());
    irq_restore(state);
    return MP_OBJ_NEW_SMALL_INT(result);
}
static MP_DEFINE_CONST_FUN_OBJ_2(ring_cancel_obj, ring_cancel);

// partial(cookie) -> bytes moved so far, -ENOENT
static mp_obj_t ring_partial(mp_obj_t self_in, mp_obj_t cookie) {
    const producer_t *p = &endpoint_of(self_in)->producer;
    int32_t which = ring_cookie(cookie);
    uint64_t state = irq_save();
    const td_t *td = producer_find(p, which);
    mp_int_t result = td == NULL ? -MP_ENOENT : (mp_int_t)td->actual;
    irq_restore(state);
    return MP_OBJ_NEW_SMALL_INT(result);
}
static MP_DEFINE_CONST_FUN_OBJ_2(ring_partial_obj, ring_partial);

// take() -> cookie of the oldest TD, which is dropped; -1
static mp_obj_t ring_take(mp_obj_t self_in) {
    producer_t *p = &endpoint_of(self_in)->producer;
    uint64_t state = irq_save();
    const td_t *td = producer_oldest(p);
    int32_t cookie = td == NULL ? -1 : td->cookie;
    if (td != NULL) {
        producer_retire(p);
    }
    irq_restore(state);
    return MP_OBJ_NEW_SMALL_INT(cookie);
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_take_obj, ring_take);

static mp_obj_t ring_reset(mp_obj_t self_in) {
    endpoint_t *ep = endpoint_of(self_in);
    uint64_t state = irq_save();
    producer_reset(&ep->producer);
    ep->held = false;
    irq_restore(state);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_reset_obj, ring_reset);

static mp_obj_t ring_history(mp_obj_t self_in) {
    ring_t *r = MP_OBJ_TO_PTR(self_in);
    return xhciring_history(r->anchor->endpoint.producer.history);
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_history_obj, ring_history);

static mp_obj_t ring_free(mp_obj_t self_in) {
    ring_t *r = MP_OBJ_TO_PTR(self_in);
    if (r->controller != NULL) {
        uint64_t state = irq_save();
        r->controller->match.slots[r->slot][r->dci] = NULL;
        r->controller = NULL;
        irq_restore(state);
        dma_free(r->memory);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_free_obj, ring_free);

// ---- attributes

static void ring_load(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    ring_t *r = MP_OBJ_TO_PTR(self_in);
    endpoint_t *ep = &r->anchor->endpoint;
    producer_t *p = &ep->producer;
    uint64_t value;
    switch (attr) {
        case MP_QSTR_address:
            value = producer_address(p, 0) | 1;
            break;
        case MP_QSTR_position: {
            endpoint_of(self_in);
            uint64_t state = irq_save();
            value = producer_position(p, xhciring_now_us());
            if (ep->held) { // for Set TR Dequeue Pointer
                producer_rewind(p);
            }
            irq_restore(state);
            break;
        }
        case MP_QSTR_pending:
            value = p->alive;
            break;
        case MP_QSTR_room:
            value = producer_room(p);
            break;
        case MP_QSTR_mps:
            value = p->mps;
            break;
        case MP_QSTR_slot:
            value = r->slot;
            break;
        case MP_QSTR_dci:
            value = r->dci;
            break;
        case MP_QSTR_held:
            dest[0] = mp_obj_new_bool(ep->held);
            return;
        default:
            dest[1] = MP_OBJ_SENTINEL; // look in the locals
            return;
    }
    dest[0] = pyobj_uint(value);
}

static void ring_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    ring_t *r = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_NULL) {
        ring_load(self_in, attr, dest);
    } else if (dest[1] != MP_OBJ_NULL && attr == MP_QSTR_held) {
        r->anchor->endpoint.held = mp_obj_is_true(dest[1]);
        dest[0] = MP_OBJ_NULL;
    } else if (dest[1] != MP_OBJ_NULL && attr == MP_QSTR_mps) {
        r->anchor->endpoint.producer.mps = (uint32_t)mp_obj_get_int(dest[1]) & 0xffff;
        dest[0] = MP_OBJ_NULL;
    }
}

extern const mp_obj_fun_builtin_var_t xhciring_command_obj, xhciring_control_obj,
    xhciring_transfer_obj;
extern const mp_obj_fun_builtin_fixed_t xhciring_immediate_obj;

static const mp_rom_map_elem_t ring_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_command), MP_ROM_PTR(&xhciring_command_obj)},
    {MP_ROM_QSTR(MP_QSTR_control), MP_ROM_PTR(&xhciring_control_obj)},
    {MP_ROM_QSTR(MP_QSTR_transfer), MP_ROM_PTR(&xhciring_transfer_obj)},
    {MP_ROM_QSTR(MP_QSTR_immediate), MP_ROM_PTR(&xhciring_immediate_obj)},
    {MP_ROM_QSTR(MP_QSTR_kick), MP_ROM_PTR(&ring_kick_obj)},
    {MP_ROM_QSTR(MP_QSTR_cancel), MP_ROM_PTR(&ring_cancel_obj)},
    {MP_ROM_QSTR(MP_QSTR_partial), MP_ROM_PTR(&ring_partial_obj)},
    {MP_ROM_QSTR(MP_QSTR_take), MP_ROM_PTR(&ring_take_obj)},
    {MP_ROM_QSTR(MP_QSTR_reset), MP_ROM_PTR(&ring_reset_obj)},
    {MP_ROM_QSTR(MP_QSTR_history), MP_ROM_PTR(&ring_history_obj)},
    {MP_ROM_QSTR(MP_QSTR_free), MP_ROM_PTR(&ring_free_obj)},
};
static MP_DEFINE_CONST_DICT(ring_locals, ring_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    xhciring_ring_type,
    MP_QSTR_Ring,
    MP_TYPE_FLAG_NONE,
    make_new, ring_make_new,
    attr, ring_attr,
    locals_dict, &ring_locals
    );
