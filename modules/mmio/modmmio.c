// SPDX-License-Identifier: MIT
// mmio: windows of device registers.  Each access is one load or store of the width asked for (io.h), checked against the
// window; where nothing answers it raises BusError.

#include "mmio.h"

#include <string.h>

#include "io.h"
#include "modules/rawmem/range.h"
#include "postmortem.h"
#include "mphalport.h"
#include "py/objint.h"
#include "py/runtime.h"
#include "timer.h"

mmio_record_t mmio_record;

// ---- one access

static void check(const mmio_regs_t *r, size_t offset, unsigned bytes) {
    if (offset > r->size || r->size - offset < bytes) {
        mp_raise_msg_varg(&mp_type_IndexError, MP_ERROR_TEXT("offset 0x%lx: %q has 0x%lx bytes"),
                          (unsigned long)offset, r->name, (unsigned long)r->size);
    }
    if (((r->addr + offset) & (bytes - 1)) != 0) {
        mp_raise_msg_varg(&mp_type_ValueError,
                          MP_ERROR_TEXT("offset 0x%lx of %q is not aligned to %u bytes"),
                          (unsigned long)offset, r->name, bytes);
    }
}

static inline uint64_t load_from(uintptr_t addr, unsigned bits) {
    switch (bits) {
        case 8:
            return io_guarded_read8(addr);
        case 16:
            return io_guarded_read16(addr);
        case 32:
            return io_guarded_read32(addr);
        default:
            return io_guarded_read64(addr);
    }
}

static inline void store_to(uintptr_t addr, unsigned bits, uint64_t value) {
    switch (bits) {
        case 8:
            io_guarded_write8(addr, value);
            break;
        case 16:
            io_guarded_write16(addr, value);
            break;
        case 32:
            io_guarded_write32(addr, value);
            break;
        default:
            io_guarded_write64(addr, value);
            break;
    }
}

static uint64_t traced_load(const mmio_regs_t *r, size_t offset, unsigned bits) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        mmio_record(r->trace, r, MMIO_FAULT, bits, offset, 0);
        nlr_jump(nlr.ret_val);
    }
    uint64_t value = load_from(r->addr + offset, bits);
    nlr_pop();
    mmio_record(r->trace, r, 0, bits, offset, value);
    return value;
}

static void traced_store(const mmio_regs_t *r, size_t offset, unsigned bits, uint64_t value) {
    value = bits == 64 ? value : value & ((1ull << bits) - 1);
    mmio_record(r->trace, r, MMIO_WRITE, bits, offset,
                value); // it may be the last thing that happens
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        mmio_record(r->trace, r, MMIO_WRITE | MMIO_FAULT, bits, offset, value);
        nlr_jump(nlr.ret_val);
    }
    store_to(r->addr + offset, bits, value);
    nlr_pop();
}

uint64_t mmio_read(const mmio_regs_t *r, size_t offset, unsigned bits) {
    check(r, offset, bits / 8);
    if (r->trace != mp_const_none) {
        return traced_load(r, offset, bits);
    }
    return load_from(r->addr + offset, bits);
}

void mmio_write(const mmio_regs_t *r, size_t offset, unsigned bits, uint64_t value) {
    postmortem_check_write();
    check(r, offset, bits / 8);
    if (r->trace != mp_const_none) {
        traced_store(r, offset, bits, value);
    } else {
        store_to(r->addr + offset, bits, value);
    }
}

// A record of the access may raise, and says whether anything answered.
static bool try_traced(const mmio_regs_t *r, size_t offset, uint32_t *value, bool write) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        return false;
    }
    if (write) {
        mmio_write(r, offset, 32, *value);
    } else {
        *value = (uint32_t)mmio_read(r, offset, 32);
    }
    nlr_pop();
    return true;
}

bool mmio_try_read32(const mmio_regs_t *r, size_t offset, uint32_t *value) {
    if (r->trace != mp_const_none) {
        return try_traced(r, offset, value, false);
    }
    return offset + 4 <= r->size && io_try_read32(r->addr + offset, value);
}

bool mmio_try_write32(const mmio_regs_t *r, size_t offset, uint32_t value) {
    if (r->trace != mp_const_none) {
        return try_traced(r, offset, &value, true);
    }
    return offset + 4 <= r->size && io_try_write32(r->addr + offset, value);
}

// ---- arguments

static unsigned width_arg(mp_int_t bits) {
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64) {
        mp_raise_ValueError(MP_ERROR_TEXT("width is 8, 16, 32 or 64"));
    }
    return (unsigned)bits;
}

// A negative offset wraps to one that no window has.
static inline size_t offset_arg(mp_obj_t o) {
    return (size_t)(mp_obj_is_small_int(o) ? MP_OBJ_SMALL_INT_VALUE(o) : mp_obj_get_int(o));
}

static inline uint64_t value_arg(mp_obj_t o) {
    return (uint64_t)(mp_obj_is_small_int(o) ? MP_OBJ_SMALL_INT_VALUE(o) :
                                               mp_obj_get_int_truncated(o));
}

static inline mp_obj_t value_obj(uint64_t v, unsigned bits) {
    return bits < 64 ? MP_OBJ_NEW_SMALL_INT(v) : mp_obj_new_int_from_uint(v);
}

static qstr name_arg(mp_obj_t o) {
    return o == MP_OBJ_NULL ? MP_QSTR_Regs : mp_obj_str_get_qstr(o);
}

// ---- the type

static mp_obj_t new_regs(uintptr_t addr, size_t size, unsigned bits, qstr name, mp_obj_t trace) {
    mmio_regs_t *r = mp_obj_malloc(mmio_regs_t, &mmio_regs_type);
    r->addr = addr;
    r->size = size;
    r->bits = (uint8_t)bits;
    r->name = name;
    r->trace = trace;
    return MP_OBJ_FROM_PTR(r);
}

static mp_obj_t regs_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                              const mp_obj_t *all) {
    (void)type;
    enum { ARG_base, ARG_size, ARG_width, ARG_name };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_base, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_size, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_width, MP_ARG_INT, {.u_int = 32}},
        {MP_QSTR_name, MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all, MP_ARRAY_SIZE(allowed), allowed, args);
    uintptr_t base = range_address(args[ARG_base].u_obj);
    mp_int_t size = mp_obj_get_int(args[ARG_size].u_obj);
    unsigned bits = width_arg(args[ARG_width].u_int);
    if (size <= 0 || base + (size_t)size - 1 < base) {
        mp_raise_ValueError(MP_ERROR_TEXT("a window has at least a byte and does not wrap"));
    }
    return new_regs(base, (size_t)size, bits, name_arg(args[ARG_name].u_obj), mp_const_none);
}

static void regs_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    mmio_regs_t *r = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "<mmio.Regs %q at 0x%lx, 0x%lx bytes, %u bits%s>", r->name,
              (unsigned long)r->addr, (unsigned long)r->size, r->bits,
              r->trace == mp_const_none ? "" : ", traced");
}

static mp_obj_t regs_subscr(mp_obj_t self_in, mp_obj_t index, mp_obj_t value) {
    mmio_regs_t *r = MP_OBJ_TO_PTR(self_in);
    if (value == MP_OBJ_SENTINEL) {
        return value_obj(mmio_read(r, offset_arg(index), r->bits), r->bits);
    }
    if (value == MP_OBJ_NULL) {
        return MP_OBJ_NULL; // del is not supported
    }
    mmio_write(r, offset_arg(index), r->bits, value_arg(value));
    return mp_const_none;
}

static void regs_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    mmio_regs_t *r = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_SENTINEL && dest[1] != MP_OBJ_NULL) {
        if (attr == MP_QSTR_trace && (dest[1] == mp_const_none || mmio_record != NULL)) {
            r->trace = dest[1];
            dest[0] = MP_OBJ_NULL;
        }
        return;
    }
    switch (attr) {
        case MP_QSTR_base:
            dest[0] = mp_obj_new_int_from_uint(r->addr);
            break;
        case MP_QSTR_size:
            dest[0] = mp_obj_new_int_from_uint(r->size);
            break;
        case MP_QSTR_width:
            dest[0] = MP_OBJ_NEW_SMALL_INT(r->bits);
            break;
        case MP_QSTR_name:
            dest[0] = MP_OBJ_NEW_QSTR(r->name);
            break;
        case MP_QSTR_trace:
            dest[0] = r->trace;
            break;
        default:
            dest[1] = MP_OBJ_SENTINEL; // look in the locals
            break;
    }
}

// ---- methods

#define READ_METHOD(bits)                                                                          \
    static mp_obj_t regs_read##bits(mp_obj_t self, mp_obj_t off) {                                 \
        return value_obj(mmio_read(MP_OBJ_TO_PTR(self), offset_arg(off), bits), bits);             \
    }                                                                                              \
    static MP_DEFINE_CONST_FUN_OBJ_2(regs_read##bits##_obj, regs_read##bits);                      \
    static mp_obj_t regs_write##bits(mp_obj_t self, mp_obj_t off, mp_obj_t value) {                \
        mmio_write(MP_OBJ_TO_PTR(self), offset_arg(off), bits, value_arg(value));                  \
        return mp_const_none;                                                                      \
    }                                                                                              \
    static MP_DEFINE_CONST_FUN_OBJ_3(regs_write##bits##_obj, regs_write##bits);

READ_METHOD(8)
READ_METHOD(16)
READ_METHOD(32)
READ_METHOD(64)

// wait(off, mask, value, timeout_us) -> whether reg & mask became value in time.  Interrupt handlers of Python run
// meanwhile, and Ctrl-C ends it.
static mp_obj_t regs_wait(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    const mmio_regs_t *r = MP_OBJ_TO_PTR(args[0]);
    size_t offset = offset_arg(args[1]);
    uint64_t mask = value_arg(args[2]), value = value_arg(args[3]);
    mp_int_t timeout_us = mp_obj_get_int(args[4]);
    uint64_t start = cntvct();
    for (;;) {
        // Late before the read: a thread that was held up still sees a device that was in time.
        bool late = (int64_t)timer_to_us(cntvct() - start) >= timeout_us;
        if ((mmio_read(r, offset, r->bits) & mask) == value) {
            return mp_const_true;
        }
        if (late) {
            return mp_const_false;
        }
        mp_handle_pending(true);
    }
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(regs_wait_obj, 5, 5, regs_wait);

// modify(off, mask, value): read, clear mask, or value, write.
static mp_obj_t regs_modify(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    const mmio_regs_t *r = MP_OBJ_TO_PTR(args[0]);
    size_t offset = offset_arg(args[1]);
    uint64_t mask = value_arg(args[2]), value = value_arg(args[3]);
    mmio_write(r, offset, r->bits, (mmio_read(r, offset, r->bits) & ~mask) | value);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(regs_modify_obj, 4, 4, regs_modify);

static mp_obj_t regs_set(mp_obj_t self, mp_obj_t off, mp_obj_t bits) {
    const mmio_regs_t *r = MP_OBJ_TO_PTR(self);
    size_t offset = offset_arg(off);
    mmio_write(r, offset, r->bits, mmio_read(r, offset, r->bits) | value_arg(bits));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(regs_set_obj, regs_set);

static mp_obj_t regs_clear(mp_obj_t self, mp_obj_t off, mp_obj_t bits) {
    const mmio_regs_t *r = MP_OBJ_TO_PTR(self);
    size_t offset = offset_arg(off);
    mmio_write(r, offset, r->bits, mmio_read(r, offset, r->bits) & ~value_arg(bits));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(regs_clear_obj, regs_clear);

// window(off, size, name="", width=0): a part, traced like the whole.
static mp_obj_t regs_window(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    enum { ARG_off, ARG_size, ARG_name, ARG_width };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_off, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_size, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_name, MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_width, MP_ARG_INT, {.u_int = 0}},
    };
    const mmio_regs_t *r = MP_OBJ_TO_PTR(pos[0]);
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, pos + 1, kw, MP_ARRAY_SIZE(allowed), allowed, args);
    size_t offset = (size_t)args[ARG_off].u_int, size = (size_t)args[ARG_size].u_int;
    if (args[ARG_size].u_int <= 0 || offset > r->size || r->size - offset < size) {
        mp_raise_msg_varg(
            &mp_type_IndexError, MP_ERROR_TEXT("0x%lx bytes at 0x%lx: %q has 0x%lx bytes"),
            (unsigned long)size, (unsigned long)offset, r->name, (unsigned long)r->size);
    }
    unsigned bits = args[ARG_width].u_int == 0 ? r->bits : width_arg(args[ARG_width].u_int);
    qstr name = args[ARG_name].u_obj == MP_OBJ_NULL ? r->name : name_arg(args[ARG_name].u_obj);
    return new_regs(r->addr + offset, size, bits, name, r->trace);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(regs_window_obj, 3, regs_window);

// ---- buffers, element by element: little endian, as a load of that width gives it

typedef struct {
    const mmio_regs_t *regs;
    size_t offset, count, step;
    unsigned bits;
    uint8_t *data;
} transfer_t;

static transfer_t transfer(const mp_obj_t *args, size_t n_args, bool into, bool fifo) {
    transfer_t t = {.regs = MP_OBJ_TO_PTR(args[0]), .offset = offset_arg(args[1])};
    mp_buffer_info_t info;
    mp_get_buffer_raise(args[2], &info, into ? MP_BUFFER_WRITE : MP_BUFFER_READ);
    mp_int_t width = n_args > 3 ? mp_obj_get_int(args[3]) : 0;
    t.bits = width == 0 ? t.regs->bits : width_arg(width);
    size_t bytes = t.bits / 8;
    if (info.len % bytes != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("the buffer is not a whole number of elements"));
    }
    t.data = info.buf;
    t.count = info.len / bytes;
    t.step = fifo ? 0 : bytes;
    return t;
}

static mp_obj_t load(const mp_obj_t *args, size_t n_args, bool fifo) {
    transfer_t t = transfer(args, n_args, true, fifo);
    for (size_t i = 0; i < t.count; i++) {
        uint64_t v = mmio_read(t.regs, t.offset + i * t.step, t.bits);
        memcpy(t.data + i * t.bits / 8, &v, t.bits / 8);
        port_check_ctrl_c(); // a register that traps takes microseconds, and buffers are large
    }
    return mp_const_none;
}

static mp_obj_t store(const mp_obj_t *args, size_t n_args, bool fifo) {
    transfer_t t = transfer(args, n_args, false, fifo);
    for (size_t i = 0; i < t.count; i++) {
        uint64_t v = 0;
        memcpy(&v, t.data + i * t.bits / 8, t.bits / 8);
        mmio_write(t.regs, t.offset + i * t.step, t.bits, v);
        port_check_ctrl_c();
    }
    return mp_const_none;
}

static mp_obj_t regs_readinto(size_t n_args, const mp_obj_t *args) {
    return load(args, n_args, false);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(regs_readinto_obj, 3, 4, regs_readinto);

static mp_obj_t regs_writefrom(size_t n_args, const mp_obj_t *args) {
    return store(args, n_args, false);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(regs_writefrom_obj, 3, 4, regs_writefrom);

static mp_obj_t regs_fifo_read(size_t n_args, const mp_obj_t *args) {
    return load(args, n_args, true);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(regs_fifo_read_obj, 3, 4, regs_fifo_read);

static mp_obj_t regs_fifo_write(size_t n_args, const mp_obj_t *args) {
    return store(args, n_args, true);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(regs_fifo_write_obj, 3, 4, regs_fifo_write);

static const mp_rom_map_elem_t regs_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_read8), MP_ROM_PTR(&regs_read8_obj)},
    {MP_ROM_QSTR(MP_QSTR_read16), MP_ROM_PTR(&regs_read16_obj)},
    {MP_ROM_QSTR(MP_QSTR_read32), MP_ROM_PTR(&regs_read32_obj)},
    {MP_ROM_QSTR(MP_QSTR_read64), MP_ROM_PTR(&regs_read64_obj)},
    {MP_ROM_QSTR(MP_QSTR_write8), MP_ROM_PTR(&regs_write8_obj)},
    {MP_ROM_QSTR(MP_QSTR_write16), MP_ROM_PTR(&regs_write16_obj)},
    {MP_ROM_QSTR(MP_QSTR_write32), MP_ROM_PTR(&regs_write32_obj)},
    {MP_ROM_QSTR(MP_QSTR_write64), MP_ROM_PTR(&regs_write64_obj)},
    {MP_ROM_QSTR(MP_QSTR_wait), MP_ROM_PTR(&regs_wait_obj)},
    {MP_ROM_QSTR(MP_QSTR_modify), MP_ROM_PTR(&regs_modify_obj)},
    {MP_ROM_QSTR(MP_QSTR_set), MP_ROM_PTR(&regs_set_obj)},
    {MP_ROM_QSTR(MP_QSTR_clear), MP_ROM_PTR(&regs_clear_obj)},
    {MP_ROM_QSTR(MP_QSTR_window), MP_ROM_PTR(&regs_window_obj)},
    {MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&regs_readinto_obj)},
    {MP_ROM_QSTR(MP_QSTR_writefrom), MP_ROM_PTR(&regs_writefrom_obj)},
    {MP_ROM_QSTR(MP_QSTR_fifo_read), MP_ROM_PTR(&regs_fifo_read_obj)},
    {MP_ROM_QSTR(MP_QSTR_fifo_write), MP_ROM_PTR(&regs_fifo_write_obj)},
};
static MP_DEFINE_CONST_DICT(regs_locals, regs_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    mmio_regs_type,
    MP_QSTR_Regs,
    MP_TYPE_FLAG_NONE,
    make_new, regs_make_new,
    print, regs_print,
    subscr, regs_subscr,
    attr, regs_attr,
    locals_dict, &regs_locals
    );

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_mmio)},
    {MP_ROM_QSTR(MP_QSTR_Regs), MP_ROM_PTR(&mmio_regs_type)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_mmio = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_mmio, mod_mmio);
