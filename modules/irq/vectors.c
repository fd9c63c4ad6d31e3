// SPDX-License-Identifier: MIT
// Vectors: message-signalled interrupts of one device.

#include "io.h"
#include "irqmod.h"
#include "msi.h"
#include "py/mperrno.h"
#include "py/runtime.h"

typedef struct vectors {
    mp_obj_base_t base;
    struct vectors *next; // of all live ones
    msi_vectors_t v;      // count 0 after free()
} vectors_t;

MP_REGISTER_ROOT_POINTER(struct vectors *irq_vectors);

mp_obj_t vectors_new(mp_int_t count, mp_int_t device) {
    if (count < 1 || device < 0 || device > 0xffffffff) {
        mp_raise_ValueError(MP_ERROR_TEXT("count from 1, device a requester id"));
    }
    vectors_t *self = mp_obj_malloc(vectors_t, &irq_vectors_type);
    uint64_t state = irq_save(); // hard handlers free vectors, too
    int error = count > 2048 ? -MP_ENOSPC : msi_alloc((uint32_t)count, (uint32_t)device, &self->v);
    irq_restore(state);
    if (error != 0) {
        mp_raise_OSError(-error);
    }
    state = irq_save();
    self->next = MP_STATE_VM(irq_vectors);
    MP_STATE_VM(irq_vectors) = self;
    irq_restore(state);
    return MP_OBJ_FROM_PTR(self);
}

void vectors_reset(void) {
    for (vectors_t *p = MP_STATE_VM(irq_vectors); p != NULL; p = p->next) {
        msi_free(&p->v);
        p->v.count = 0;
    }
    MP_STATE_VM(irq_vectors) = NULL;
}

static vectors_t *alive(mp_obj_t self_in) {
    vectors_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->v.count == 0) {
        mp_raise_OSError(MP_ENODEV);
    }
    return self;
}

static uint32_t index_of(const vectors_t *self, mp_obj_t index) {
    return (uint32_t)mp_get_index(&irq_vectors_type, self->v.count, index, false);
}

// v[i] -> (address, data, intid)
static mp_obj_t vectors_subscr(mp_obj_t self_in, mp_obj_t index, mp_obj_t value) {
    if (value != MP_OBJ_SENTINEL) {
        return MP_OBJ_NULL; // read only
    }
    vectors_t *self = alive(self_in);
    uint32_t i = index_of(self, index);
    mp_obj_t items[3] = {
        mp_obj_new_int_from_uint(self->v.address),
        MP_OBJ_NEW_SMALL_INT(self->v.data + i),
        MP_OBJ_NEW_SMALL_INT(self->v.intid + i),
    };
    return mp_obj_new_tuple(3, items);
}

static mp_obj_t vectors_unary(mp_unary_op_t op, mp_obj_t self_in) {
    vectors_t *self = MP_OBJ_TO_PTR(self_in);
    switch (op) {
        case MP_UNARY_OP_LEN:
            return MP_OBJ_NEW_SMALL_INT(self->v.count);
        case MP_UNARY_OP_BOOL:
            return mp_obj_new_bool(self->v.count != 0);
        default:
            return MP_OBJ_NULL;
    }
}

// request(i, handler, hard=False, priority=None, name=None, enable=True) -> Line
static mp_obj_t vectors_request(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_index, ARG_handler, ARG_hard, ARG_priority, ARG_name, ARG_enable };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_index, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_handler, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_hard, MP_ARG_BOOL, {.u_bool = false}},
        {MP_QSTR_priority, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_name, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_enable, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = true}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);
    vectors_t *self = alive(pos_args[0]);
    line_args_t a = {
        .handler = args[ARG_handler].u_obj,
        .trigger = IRQ_EDGE,
        .hard = args[ARG_hard].u_bool,
        .priority = args[ARG_priority].u_obj,
        .name = args[ARG_name].u_obj,
        .enable = args[ARG_enable].u_bool,
    };
    return line_new(self->v.intid + index_of(self, args[ARG_index].u_obj), &a);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(vectors_request_obj, 3, vectors_request);

// free(): the lines of the vectors go, too.  Raises OSError(EBUSY) while a handler of them runs.
static mp_obj_t vectors_free(mp_obj_t self_in) {
    vectors_t *self = MP_OBJ_TO_PTR(self_in);
    for (uint32_t i = 0; i < self->v.count; i++) {
        line_t *l = line_of(self->v.intid + i);
        int error = l == NULL ? 0 : line_free(l);
        if (error != 0) {
            mp_raise_OSError(-error);
        }
    }
    uint64_t state = irq_save(); // as in line_free
    if (self->v.count != 0) {
        msi_free(&self->v);
        self->v.count = 0;
    }
    for (vectors_t **p = (vectors_t **)&MP_STATE_VM(irq_vectors); *p != NULL; p = &(*p)->next) {
        if (*p == self) {
            *p = self->next;
            break;
        }
    }
    irq_restore(state);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(vectors_free_obj, vectors_free);

static mp_obj_t vectors_exit(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    return vectors_free(args[0]);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(vectors_exit_obj, 4, 4, vectors_exit);

static void vectors_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    vectors_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (attr == MP_QSTR_kind) {
        dest[0] = MP_OBJ_NEW_QSTR(self->v.kind == MSI_ITS ? MP_QSTR_its : MP_QSTR_v2m);
    } else if (attr == MP_QSTR_device) {
        dest[0] = mp_obj_new_int_from_uint(self->v.device);
    } else {
        dest[1] = MP_OBJ_SENTINEL; // look in the locals
    }
}

static void vectors_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    vectors_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "<irq.Vectors %s INTIDs %u+%u>", self->v.kind == MSI_ITS ? "its" : "v2m",
              (unsigned)self->v.intid, (unsigned)self->v.count);
}

static const mp_rom_map_elem_t vectors_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_request), MP_ROM_PTR(&vectors_request_obj)},
    {MP_ROM_QSTR(MP_QSTR_free), MP_ROM_PTR(&vectors_free_obj)},
    {MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&mp_identity_obj)},
    {MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&vectors_exit_obj)},
};
static MP_DEFINE_CONST_DICT(vectors_locals, vectors_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    irq_vectors_type,
    MP_QSTR_Vectors,
    MP_TYPE_FLAG_NONE,
    print, vectors_print,
    unary_op, vectors_unary,
    subscr, vectors_subscr,
    attr, vectors_attr,
    locals_dict, &vectors_locals
    );
