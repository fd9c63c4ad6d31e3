// SPDX-License-Identifier: MIT
// Type Ring: submissions.  0 or -errno; only arguments of a wrong type raise.

#include "io.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "xhciring.h"

int32_t ring_cookie(mp_obj_t o) {
    mp_int_t n = mp_obj_get_int(o);
    if (n < 0 || n > INT32_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("cookie"));
    }
    return (int32_t)n;
}

static span_t span_arg(mp_obj_t address, mp_obj_t length) {
    mp_int_t at = mp_obj_get_int(address), bytes = mp_obj_get_int(length);
    if (at < 0 || bytes < 0 || bytes > UINT32_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("address or length"));
    }
    return (span_t) {(uint64_t)at, (uint32_t)bytes};
}

int ring_ready(const ring_t *r) {
    return r->controller == NULL || r->controller->closed || r->controller->dead ? -MP_ENODEV : 0;
}

static int ring_doorbell(ring_t *r) {
    return controller_ring(r->controller, r->slot, r->dci) ? 0 : -MP_ENODEV;
}

mp_obj_t ring_submitted(ring_t *r, int result, uint64_t state) {
    if (result == 0 && !r->anchor->endpoint.held) {
        result = ring_doorbell(r);
    }
    irq_restore(state);
    return MP_OBJ_NEW_SMALL_INT(result);
}

// command(control, cookie, parameter=0, status=0)
static mp_obj_t ring_command(size_t n_args, const mp_obj_t *args) {
    ring_t *r = MP_OBJ_TO_PTR(args[0]);
    int32_t cookie = ring_cookie(args[2]);
    trb_t trb = {
        .control = (uint32_t)mp_obj_get_int(args[1]),
        .parameter = n_args > 3 ? (uint64_t)mp_obj_get_int(args[3]) : 0,
        .status = n_args > 4 ? (uint32_t)mp_obj_get_int(args[4]) : 0,
    };
    uint64_t state = irq_save();
    int result = ring_ready(r);
    if (result == 0) {
        result = r->slot != 0 ? -MP_EINVAL :
                                producer_command(&r->anchor->endpoint.producer, &trb, cookie,
                                                 xhciring_now_us());
    }
    return ring_submitted(r, result, state);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(xhciring_command_obj, 3, 5, ring_command);

// control(setup, address, length, cookie)
static mp_obj_t ring_control(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    ring_t *r = MP_OBJ_TO_PTR(args[0]);
    mp_buffer_info_t setup;
    mp_get_buffer_raise(args[1], &setup, MP_BUFFER_READ);
    span_t span = span_arg(args[2], args[3]);
    int32_t cookie = ring_cookie(args[4]);
    uint64_t state = irq_save();
    int result = ring_ready(r);
    if (result == 0) {
        result = setup.len != 8 || r->slot == 0 ?
                     -MP_EINVAL :
                     producer_control(&r->anchor->endpoint.producer, setup.buf, span, cookie,
                                      xhciring_now_us());
    }
    return ring_submitted(r, result, state);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(xhciring_control_obj, 5, 5, ring_control);

// transfer(address, length, cookie)
static mp_obj_t ring_transfer(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    ring_t *r = MP_OBJ_TO_PTR(args[0]);
    span_t span = span_arg(args[1], args[2]);
    int32_t cookie = ring_cookie(args[3]);
    uint64_t state = irq_save();
    int result = ring_ready(r);
    if (result == 0) {
        result = r->slot == 0 ? -MP_EINVAL :
                                producer_transfer(&r->anchor->endpoint.producer, &span, 1, cookie,
                                                  xhciring_now_us());
    }
    return ring_submitted(r, result, state);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(xhciring_transfer_obj, 4, 4, ring_transfer);

// immediate(data, cookie)
static mp_obj_t ring_immediate(mp_obj_t self_in, mp_obj_t data, mp_obj_t cookie_in) {
    ring_t *r = MP_OBJ_TO_PTR(self_in);
    mp_buffer_info_t info;
    mp_get_buffer_raise(data, &info, MP_BUFFER_READ);
    int32_t cookie = ring_cookie(cookie_in);
    uint64_t state = irq_save();
    int result = ring_ready(r);
    if (result == 0) {
        result = r->slot == 0 || info.len > 8 ?
                     -MP_EINVAL :
                     producer_immediate(&r->anchor->endpoint.producer, info.buf, (uint32_t)info.len,
                                        cookie, xhciring_now_us());
    }
    return ring_submitted(r, result, state);
}
MP_DEFINE_CONST_FUN_OBJ_3(xhciring_immediate_obj, ring_immediate);
