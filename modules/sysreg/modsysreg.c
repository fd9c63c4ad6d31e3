// SPDX-License-Identifier: MIT
// sysreg: system registers.  By number here; by name, with fields, in probe/sysreg.py, which every attribute that is
// not here is asked for: a module of C can see that one is assigned.

#include "postmortem.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "sysregs.h"

static unsigned code_of(const mp_obj_t *args) {
    static const uint8_t limit[] = {3, 7, 15, 15, 7};
    unsigned v[5];
    for (unsigned i = 0; i < 5; i++) {
        mp_int_t x = mp_obj_get_int(args[i]);
        if (x < 0 || x > limit[i]) {
            mp_raise_ValueError(
                MP_ERROR_TEXT("op0 to 3, op1 to 7, CRn to 15, CRm to 15, op2 to 7"));
        }
        v[i] = (unsigned)x;
    }
    return SYSREG_CODE(v[0], v[1], v[2], v[3], v[4]);
}

static void check(sysreg_result_t r, const mp_obj_t *args, const char *what) {
    if (r != SYSREG_OK) {
        mp_raise_msg_varg(&mp_type_AttributeError, MP_ERROR_TEXT("S%d_%d_C%d_C%d_%d: %s"),
                          (int)mp_obj_get_int(args[0]), (int)mp_obj_get_int(args[1]),
                          (int)mp_obj_get_int(args[2]), (int)mp_obj_get_int(args[3]),
                          (int)mp_obj_get_int(args[4]),
                          r == SYSREG_UNDEFINED ? "undefined on this CPU at EL1" : what);
    }
}

// read(op0, op1, CRn, CRm, op2) -> int
static mp_obj_t sysreg_read_code(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    uint64_t value;
    check(sysregs_read(code_of(args), &value), args, "not a register of EL1 or EL0");
    return mp_obj_new_int_from_uint(value);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(read_obj, 5, 5, sysreg_read_code);

// poke(op0, op1, CRn, CRm, op2, value)
static mp_obj_t sysreg_poke(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    postmortem_check_write();
    check(sysregs_write(code_of(args), (uint64_t)mp_obj_get_int_truncated(args[5])), args,
          "not a register that can be written");
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(poke_obj, 6, 6, sysreg_poke);

static mp_obj_t by_name(qstr function) {
    mp_obj_t args[] = {
        MP_OBJ_NEW_QSTR(MP_QSTR_get)}; // from probe.sysreg import get: the inner module
    mp_obj_t module = mp_import_name(qstr_from_str("probe.sysreg"), mp_obj_new_tuple(1, args),
                                     MP_OBJ_NEW_SMALL_INT(0));
    return mp_load_attr(module, function);
}

// At the first import: completion finds only names that exist.
static mp_obj_t init(void) {
    mp_obj_t name = MP_OBJ_NEW_QSTR(qstr_from_str("probe.sysreg"));
    if (mp_map_lookup(&MP_STATE_VM(mp_loaded_modules_dict).map, name, MP_MAP_LOOKUP) != NULL) {
        return mp_const_none; // it imports this module itself
    }
    mp_call_function_0(by_name(MP_QSTR_intern));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(init_obj, init);

static bool may_be_name(qstr name) {
    char first = qstr_str(name)[0];
    return (first >= 'A' && first <= 'Z') || name == MP_QSTR_dump || name == MP_QSTR_write ||
           name == MP_QSTR_caches || name == MP_QSTR_names;
}

// In the table of delegations that MicroPython's build makes.
void sysreg_attr(mp_obj_t self, qstr name, mp_obj_t *dest);
void sysreg_attr(mp_obj_t self, qstr name, mp_obj_t *dest) {
    (void)self;
    if (dest[0] == MP_OBJ_NULL) {
        if (may_be_name(name)) { // dir() and completion try every string that there is
            dest[0] = mp_call_function_1(by_name(MP_QSTR_get), MP_OBJ_NEW_QSTR(name));
        }
    } else if (dest[1] != MP_OBJ_NULL) {
        mp_call_function_2(by_name(MP_QSTR_write), MP_OBJ_NEW_QSTR(name), dest[1]);
        dest[0] = MP_OBJ_NULL; // stored
    }
}

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_sysreg)},
    {MP_ROM_QSTR(MP_QSTR___init__), MP_ROM_PTR(&init_obj)},
    {MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&read_obj)},
    {MP_ROM_QSTR(MP_QSTR_poke), MP_ROM_PTR(&poke_obj)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_sysreg = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_sysreg, mod_sysreg);
MP_REGISTER_MODULE_DELEGATION(mod_sysreg, sysreg_attr);
