// SPDX-License-Identifier: MIT
// trace: which Python code runs.

#include "py/runtime.h"
#include "pyframe.h"

#define STACK_MAX 64

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
    {MP_ROM_QSTR(MP_QSTR_stack), MP_ROM_PTR(&trace_stack_obj)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_trace = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_trace, mod_trace);
