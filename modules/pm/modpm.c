// SPDX-License-Identifier: MIT
// _pm: what the panic left, for frozen/system/pm.py.

#include <string.h>

#include "fault.h"
#include "io.h"
#include "mem.h"
#include "modules/pyobj.h"
#include "postmortem.h"
#include "py/objint.h"
#include "py/runtime.h"
#include "timer.h"

// active() -> bool: whether this is the prompt after a panic.
static mp_obj_t pm_active(void) {
    return mp_obj_new_bool(postmortem_active);
}
static MP_DEFINE_CONST_FUN_OBJ_0(pm_active_obj, pm_active);

// available() -> bytes set aside for the prompt after a panic; 0: it will halt.
static mp_obj_t pm_available(void) {
    return pyobj_uint(mem_postmortem_size);
}
static MP_DEFINE_CONST_FUN_OBJ_0(pm_available_obj, pm_available);

// reason() -> (reason, µs since the machine's counter was 0), or None.
static mp_obj_t pm_reason(void) {
    if (!panic_record.happened) {
        return mp_const_none;
    }
    mp_obj_t items[2] = {pyobj_text(panic_record.reason),
                         pyobj_uint(timer_to_us(panic_record.cntvct))};
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(pm_reason_obj, pm_reason);

// frame() -> (x0 … x30, sp, pc, spsr, esr, far, fpsr, fpcr, q0 … q31), or None where there are no registers.
static mp_obj_t pm_frame(void) {
    const exc_frame_t *f = &panic_record.frame;
    if (!panic_record.has_frame) {
        return mp_const_none;
    }
    mp_obj_t items[31 + 7 + 32];
    size_t n = 0;
    for (size_t i = 0; i < MP_ARRAY_SIZE(f->x); i++) {
        items[n++] = pyobj_uint(f->x[i]);
    }
    const uint64_t rest[] = {f->sp, f->elr, f->spsr, f->esr, f->far, f->fpsr, f->fpcr};
    for (size_t i = 0; i < MP_ARRAY_SIZE(rest); i++) {
        items[n++] = pyobj_uint(rest[i]);
    }
    for (size_t i = 0; i < MP_ARRAY_SIZE(f->q); i += 2) {
        items[n++] = mp_obj_int_from_bytes_impl(false, 16, (const byte *)&f->q[i]);
    }
    return mp_obj_new_tuple(n, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(pm_frame_obj, pm_frame);

// backtrace() -> (address, …), the innermost first.
static mp_obj_t pm_backtrace(void) {
    mp_obj_t items[PANIC_BACKTRACE_MAX];
    for (unsigned i = 0; i < panic_record.bt_count; i++) {
        items[i] = pyobj_uint(panic_record.bt[i]);
    }
    return mp_obj_new_tuple(panic_record.bt_count, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(pm_backtrace_obj, pm_backtrace);

// python() -> lines "file:line function", the innermost first.
static mp_obj_t pm_python(void) {
    return pyobj_text(panic_record.python);
}
static MP_DEFINE_CONST_FUN_OBJ_0(pm_python_obj, pm_python);

// names(esr) -> (exception class, fault status)
static mp_obj_t pm_names(mp_obj_t esr_in) {
    uint64_t esr = (uint64_t)mp_obj_get_int_truncated(esr_in);
    mp_obj_t items[2] = {pyobj_text(fault_class_name(esr)), pyobj_text(fault_status_name(esr))};
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(pm_names_obj, pm_names);

// state() -> bytes: MicroPython's mp_state_ctx as the panic found it; None without a panic.
static mp_obj_t pm_state(void) {
    return postmortem_active ? mp_obj_new_bytes(postmortem_state(), sizeof(mp_state_ctx)) :
                               mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(pm_state_obj, pm_state);

// read(addr, len) -> bytes, in loads as wide as the alignment allows.  Raises BusError.
static mp_obj_t pm_read(mp_obj_t addr_in, mp_obj_t len_in) {
    uintptr_t addr = (uintptr_t)mp_obj_get_int_truncated(addr_in);
    mp_int_t len = mp_obj_get_int(len_in);
    if (len < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("length below 0"));
    }
    vstr_t v;
    vstr_init_len(&v, (size_t)len);
    size_t at = 0, n;
    for (; at < (size_t)len; at += n) {
        uint64_t value;
        if (((addr + at) & 7) == 0 && (size_t)len - at >= 8) {
            n = 8;
            value = io_guarded_read64(addr + at);
        } else if (((addr + at) & 3) == 0 && (size_t)len - at >= 4) {
            n = 4;
            value = io_guarded_read32(addr + at);
        } else {
            n = 1;
            value = io_guarded_read8(addr + at);
        }
        memcpy(v.buf + at, &value, n);
    }
    return mp_obj_new_bytes_from_vstr(&v);
}
static MP_DEFINE_CONST_FUN_OBJ_2(pm_read_obj, pm_read);

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__pm)},
    {MP_ROM_QSTR(MP_QSTR_active), MP_ROM_PTR(&pm_active_obj)},
    {MP_ROM_QSTR(MP_QSTR_available), MP_ROM_PTR(&pm_available_obj)},
    {MP_ROM_QSTR(MP_QSTR_reason), MP_ROM_PTR(&pm_reason_obj)},
    {MP_ROM_QSTR(MP_QSTR_frame), MP_ROM_PTR(&pm_frame_obj)},
    {MP_ROM_QSTR(MP_QSTR_backtrace), MP_ROM_PTR(&pm_backtrace_obj)},
    {MP_ROM_QSTR(MP_QSTR_python), MP_ROM_PTR(&pm_python_obj)},
    {MP_ROM_QSTR(MP_QSTR_names), MP_ROM_PTR(&pm_names_obj)},
    {MP_ROM_QSTR(MP_QSTR_state), MP_ROM_PTR(&pm_state_obj)},
    {MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&pm_read_obj)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_pm = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR__pm, mod_pm);
