// SPDX-License-Identifier: MIT
// Held(function): a callable for C code that can stand no exception, such as a file system at its block device.

#include "irqmod.h"
#include "irqpy.h"
#include "klog.h"
#include "py/mperrno.h"
#include "py/runtime.h"

typedef struct {
    mp_obj_base_t base;
    mp_obj_t function;
} held_t;

static mp_obj_t held_make_new(const mp_obj_type_t *type, size_t n, size_t kw,
                              const mp_obj_t *args) {
    mp_arg_check_num(n, kw, 1, 1, false);
    held_t *self = mp_obj_malloc(held_t, type);
    self->function = args[0];
    return MP_OBJ_FROM_PTR(self);
}

// What the function gives; -EINTR for KeyboardInterrupt, -EIO for other exceptions, which are logged.
static mp_obj_t held_call(mp_obj_t self_in, size_t n, size_t kw, const mp_obj_t *args) {
    mp_arg_check_num(n, kw, 0, MP_OBJ_FUN_ARGS_MAX, false);
    held_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t exception = MP_OBJ_NULL;
    mp_obj_t result = irqpy_call_held(self->function, n, args, &exception);
    if (result != MP_OBJ_NULL) {
        return result;
    }
    mp_obj_t type = MP_OBJ_FROM_PTR(mp_obj_get_type(exception));
    if (mp_obj_is_subclass_fast(type, MP_OBJ_FROM_PTR(&mp_type_KeyboardInterrupt))) {
        return MP_OBJ_NEW_SMALL_INT(-MP_EINTR);
    }
    klog(KLOG_ERROR, "irq: a held function raised %s", mp_obj_get_type_str(exception));
    return MP_OBJ_NEW_SMALL_INT(-MP_EIO);
}

MP_DEFINE_CONST_OBJ_TYPE(
    irq_held_type,
    MP_QSTR_Held,
    MP_TYPE_FLAG_NONE,
    make_new, held_make_new,
    call, held_call
    );
