// SPDX-License-Identifier: MIT
// _efi: where the UEFI firmware left its tables, and calls of it.  frozen/bus/efi.py is what users see.

#include <string.h>

#include "efirt.h"
#include "hw.h"
#include "irq.h"
#include "memlayout.h"
#include "postmortem.h"
#include "py/mperrno.h"
#include "py/objarray.h"
#include "py/runtime.h"

static uint64_t address(mp_obj_t v) {
    return (uint64_t)mp_obj_get_int_truncated(v);
}

// system_table() -> physical address, or 0.
static mp_obj_t efi_system_table(void) {
    return mp_obj_new_int_from_uint(hw.efi_system_table);
}
static MP_DEFINE_CONST_FUN_OBJ_0(efi_system_table_obj, efi_system_table);

// raw_map() -> (address, descriptors, bytes of one): the memory map at ExitBootServices, or None.
static mp_obj_t efi_raw_map(void) {
    if (hw.efi_map_page == 0) {
        return mp_const_none;
    }
    mp_obj_t items[3] = {
        mp_obj_new_int_from_uint((uint64_t)hw.efi_map_page << PAGE_SHIFT),
        MP_OBJ_NEW_SMALL_INT(hw.efi_map_shape >> 12),
        MP_OBJ_NEW_SMALL_INT(hw.efi_map_shape & 0xfff),
    };
    return mp_obj_new_tuple(3, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(efi_raw_map_obj, efi_raw_map);

static void check(int r) {
    if (r < 0) {
        mp_raise_OSError(-r);
    }
}

// A call under way is interrupted by our handlers, which may be Python's.
static void check_context(void) {
    postmortem_check_write();
    if (efirt_running || irq_depth != 0) {
        mp_raise_OSError(MP_EBUSY);
    }
}

// space([(base, size, kind), ...]): what the firmware may touch from now on, besides the buffer.
static mp_obj_t efi_space(mp_obj_t regions) {
    check_context();
    size_t n;
    mp_obj_t *items;
    mp_obj_get_array(regions, &n, &items);
    check(efirt_begin(n));
    for (size_t i = 0; i < n; i++) {
        mp_obj_t *r;
        mp_obj_get_array_fixed_n(items[i], 3, &r);
        mp_int_t kind = mp_obj_get_int(r[2]);
        check(kind < 0 ? -MP_EINVAL : efirt_map(address(r[0]), address(r[1]), (efirt_kind_t)kind));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(efi_space_obj, efi_space);

// buffer() -> (address, bytearray): memory for arguments, until the next space().
static mp_obj_t efi_buffer(void) {
    size_t size;
    void *p = efirt_buffer(&size);
    if (p == NULL) {
        mp_raise_OSError(MP_ENODEV);
    }
    mp_obj_t items[2] = {mp_obj_new_int_from_uint((uintptr_t)p),
                         mp_obj_new_bytearray_by_ref(size, p)};
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(efi_buffer_obj, efi_buffer);

// is_code(address) -> bool: whether space() lets the firmware run there.
static mp_obj_t efi_is_code(mp_obj_t fn) {
    return mp_obj_new_bool(efirt_is_code(address(fn)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(efi_is_code_obj, efi_is_code);

// call(function, timeout_us, *args) -> EFI_STATUS.  Raises BusError for a fault in there, OSError(ETIMEDOUT).
static mp_obj_t efi_call(size_t n_args, const mp_obj_t *args) {
    check_context();
    uint64_t fn = address(args[0]), status = 0, a[EFIRT_ARGS] = {0};
    if (!efirt_is_code(fn)) {
        mp_raise_msg_varg(&mp_type_OSError, MP_ERROR_TEXT("0x%lx is not code of the firmware"), fn);
    }
    for (size_t i = 2; i < n_args; i++) {
        a[i - 2] = address(args[i]);
    }
    bus_fault_t fault;
    switch (efirt_call(fn, a, address(args[1]), &status, &fault)) {
        case EFIRT_FAULT:
            bus_error_raise(&fault);
        case EFIRT_TIMEOUT:
            mp_raise_OSError(MP_ETIMEDOUT);
        default:
            return mp_obj_new_int_from_uint(status);
    }
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(efi_call_obj, 2, 2 + EFIRT_ARGS, efi_call);

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__efi)},
    {MP_ROM_QSTR(MP_QSTR_system_table), MP_ROM_PTR(&efi_system_table_obj)},
    {MP_ROM_QSTR(MP_QSTR_raw_map), MP_ROM_PTR(&efi_raw_map_obj)},
    {MP_ROM_QSTR(MP_QSTR_space), MP_ROM_PTR(&efi_space_obj)},
    {MP_ROM_QSTR(MP_QSTR_buffer), MP_ROM_PTR(&efi_buffer_obj)},
    {MP_ROM_QSTR(MP_QSTR_is_code), MP_ROM_PTR(&efi_is_code_obj)},
    {MP_ROM_QSTR(MP_QSTR_call), MP_ROM_PTR(&efi_call_obj)},
    {MP_ROM_QSTR(MP_QSTR_CODE), MP_ROM_INT(EFIRT_CODE)},
    {MP_ROM_QSTR(MP_QSTR_DATA), MP_ROM_INT(EFIRT_DATA)},
    {MP_ROM_QSTR(MP_QSTR_BOTH), MP_ROM_INT(EFIRT_BOTH)},
    {MP_ROM_QSTR(MP_QSTR_RO), MP_ROM_INT(EFIRT_RO)},
    {MP_ROM_QSTR(MP_QSTR_DEVICE), MP_ROM_INT(EFIRT_DEVICE)},
    {MP_ROM_QSTR(MP_QSTR_UNCACHED), MP_ROM_INT(EFIRT_UNCACHED)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_efi = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR__efi, mod_efi);
