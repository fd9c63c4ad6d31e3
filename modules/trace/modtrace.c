// SPDX-License-Identifier: MIT
// trace: which code touched which register.  A window whose `trace` is a Ring has each access put down there.

#include <string.h>

#include "py/objtuple.h"
#include "py/runtime.h"
#include "ring.h"

#define STACK_MAX 64
#define ENTRIES_MAX (1 << 24)

// mmio_record: from any code that accesses a traced window.  IRQ-safe.
static void record(mp_obj_t trace, const mmio_regs_t *regs, unsigned kind, unsigned bits,
                   size_t offset, uint64_t value) {
    if (!mp_obj_is_type(trace, &ring_type)) {
        mp_raise_TypeError(MP_ERROR_TEXT("a window's trace is None or a trace.Ring"));
    }
    ring_put(MP_OBJ_TO_PTR(trace), kind & MMIO_WRITE ? RING_WRITE : RING_READ, kind & MMIO_FAULT,
             MP_OBJ_FROM_PTR(regs), bits, offset, value);
}

static mp_obj_t ring_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                              const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    mp_int_t entries = mp_obj_get_int(args[0]);
    if (entries < 1 || entries > ENTRIES_MAX) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("entries from 1 to %u"), ENTRIES_MAX);
    }
    ring_t *self = mp_obj_malloc(ring_t, &ring_type);
    self->paused = false;
    self->total = 0;
    self->capacity = (uint32_t)entries;
    self->entries = m_new0(ring_entry_t, self->capacity);
    mmio_record = record;
    return MP_OBJ_FROM_PTR(self);
}

static void ring_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    const ring_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "<trace.Ring %u of %u entries, %u dropped%s>",
              (unsigned)(self->total - ring_oldest(self)), (unsigned)self->capacity,
              (unsigned)ring_oldest(self), self->paused ? ", paused" : "");
}

// (ticks, op, width, offset, value, times, what, file, line, function, fault)
static mp_obj_t entry_tuple(const ring_entry_t *e) {
    static const qstr fields[] = {
        MP_QSTR_ticks, MP_QSTR_op,   MP_QSTR_width, MP_QSTR_offset,   MP_QSTR_value, MP_QSTR_times,
        MP_QSTR_what,  MP_QSTR_file, MP_QSTR_line,  MP_QSTR_function, MP_QSTR_fault,
    };
    pyframe_t at;
    pyframe_mark_t caller = ring_caller(e);
    bool known = pyframe_locate(&caller, &at);
    mp_obj_t items[] = {
        mp_obj_new_int_from_uint(e->ticks),
        MP_OBJ_NEW_QSTR(e->op == RING_READ  ? MP_QSTR_R :
                        e->op == RING_WRITE ? MP_QSTR_W :
                                              MP_QSTR_M),
        MP_OBJ_NEW_SMALL_INT(e->bits),
        MP_OBJ_NEW_SMALL_INT(e->offset),
        e->fault && e->op == RING_READ ? mp_const_none : mp_obj_new_int_from_uint(e->value),
        MP_OBJ_NEW_SMALL_INT(e->times),
        e->what,
        known ? MP_OBJ_NEW_QSTR(at.file) : mp_const_none,
        MP_OBJ_NEW_SMALL_INT(known ? at.line : 0),
        known ? MP_OBJ_NEW_QSTR(at.function) : mp_const_none,
        mp_obj_new_bool(e->fault),
    };
    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items);
}

// ---- iteration: over what is there when it begins, less what is overwritten meanwhile

typedef struct {
    mp_obj_base_t base;
    const ring_t *ring;
    uint64_t next, end;
} ring_iter_t;

static mp_obj_t ring_iternext(mp_obj_t self_in) {
    ring_iter_t *self = MP_OBJ_TO_PTR(self_in);
    ring_entry_t entry;
    uint64_t oldest = ring_oldest(self->ring);
    self->next = self->next < oldest ? oldest : self->next;
    while (self->next < self->end) {
        if (ring_get(self->ring, self->next++, &entry)) {
            return entry_tuple(&entry);
        }
    }
    return MP_OBJ_STOP_ITERATION;
}

static MP_DEFINE_CONST_OBJ_TYPE(
    ring_iter_type,
    MP_QSTR_iterator,
    MP_TYPE_FLAG_ITER_IS_ITERNEXT,
    iter, ring_iternext
    );

static mp_obj_t ring_getiter(mp_obj_t self_in, mp_obj_iter_buf_t *buf) {
    (void)buf; // too small
    const ring_t *ring = MP_OBJ_TO_PTR(self_in);
    ring_iter_t *iter = mp_obj_malloc(ring_iter_t, &ring_iter_type);
    iter->ring = ring;
    iter->next = ring_oldest(ring);
    iter->end = ring->total;
    return MP_OBJ_FROM_PTR(iter);
}

static mp_obj_t ring_unary_op(mp_unary_op_t op, mp_obj_t self_in) {
    const ring_t *self = MP_OBJ_TO_PTR(self_in);
    switch (op) {
        case MP_UNARY_OP_BOOL:
            return mp_const_true;
        case MP_UNARY_OP_LEN:
            return MP_OBJ_NEW_SMALL_INT(self->total - ring_oldest(self));
        default:
            return MP_OBJ_NULL;
    }
}

static void ring_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    const ring_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    switch (attr) {
        case MP_QSTR_dropped:
            dest[0] = mp_obj_new_int_from_uint(ring_oldest(self));
            break;
        case MP_QSTR_capacity:
            dest[0] = MP_OBJ_NEW_SMALL_INT(self->capacity);
            break;
        case MP_QSTR_paused:
            dest[0] = mp_obj_new_bool(self->paused);
            break;
        default:
            dest[1] = MP_OBJ_SENTINEL; // look in the locals
            break;
    }
}

static mp_obj_t ring_clear(mp_obj_t self_in) {
    ring_t *self = MP_OBJ_TO_PTR(self_in);
    bool paused = self->paused;
    self->paused = true; // for handlers that come in between
    self->total = 0;
    memset(self->entries, 0, self->capacity * sizeof(ring_entry_t)); // what they keep may go
    self->paused = paused;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_clear_obj, ring_clear);

static mp_obj_t ring_pause(mp_obj_t self_in) {
    ((ring_t *)MP_OBJ_TO_PTR(self_in))->paused = true;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_pause_obj, ring_pause);

static mp_obj_t ring_resume(mp_obj_t self_in) {
    ((ring_t *)MP_OBJ_TO_PTR(self_in))->paused = false;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_resume_obj, ring_resume);

static mp_obj_t ring_mark(mp_obj_t self_in, mp_obj_t text) {
    if (!mp_obj_is_str(text)) {
        mp_raise_TypeError(MP_ERROR_TEXT("a mark is a str"));
    }
    ring_put(MP_OBJ_TO_PTR(self_in), RING_MARK, false, text, 0, 0, 0);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(ring_mark_obj, ring_mark);

static const mp_rom_map_elem_t ring_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_clear), MP_ROM_PTR(&ring_clear_obj)},
    {MP_ROM_QSTR(MP_QSTR_pause), MP_ROM_PTR(&ring_pause_obj)},
    {MP_ROM_QSTR(MP_QSTR_resume), MP_ROM_PTR(&ring_resume_obj)},
    {MP_ROM_QSTR(MP_QSTR_mark), MP_ROM_PTR(&ring_mark_obj)},
};
static MP_DEFINE_CONST_DICT(ring_locals, ring_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    ring_type,
    MP_QSTR_Ring,
    MP_TYPE_FLAG_ITER_IS_GETITER,
    make_new, ring_make_new,
    print, ring_print,
    unary_op, ring_unary_op,
    attr, ring_attr,
    iter, ring_getiter,
    locals_dict, &ring_locals
    );

// stack() -> [(file, line, function)…], innermost first.
static mp_obj_t trace_stack(void) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    pyframe_t f;
    for (unsigned i = 0; i < STACK_MAX && pyframe_at(i, &f); i++) {
        mp_obj_t items[3] = {
            MP_OBJ_NEW_QSTR(f.file),
            MP_OBJ_NEW_SMALL_INT(f.line),
            MP_OBJ_NEW_QSTR(f.function),
        };
        mp_obj_list_append(list, mp_obj_new_tuple(3, items));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(trace_stack_obj, trace_stack);

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_trace)},
    {MP_ROM_QSTR(MP_QSTR_Ring), MP_ROM_PTR(&ring_type)},
    {MP_ROM_QSTR(MP_QSTR_stack), MP_ROM_PTR(&trace_stack_obj)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_trace = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_trace, mod_trace);
