// SPDX-License-Identifier: MIT
// prompt: hooks into the friendly prompt.

#include "prompt.h"
#include "py/mphal.h"
#include "py/mpstate.h"
#include "py/nlr.h"
#include "py/repl.h"
#include "py/runtime.h"
#include "shared/readline/readline.h"
#include "shared/runtime/interrupt_char.h"
#include "shared/runtime/pyexec.h"
#include "softreset.h"
#include "uart.h"

// The object whose attributes dir(), hasattr() or completion is trying, until it has asked.
static mp_obj_t probed = MP_OBJ_NULL;

typedef struct {
    nlr_jump_callback_node_t node;
    mp_obj_t outer;
} probe_t;

static void probe_end(void *ctx) {
    probed = ((probe_t *)ctx)->outer;
}

// The linker sends every call of mp_load_method_protected here (--wrap).
void __real_mp_load_method_protected(mp_obj_t obj, qstr attr, mp_obj_t *dest, bool all);
void __wrap_mp_load_method_protected(mp_obj_t obj, qstr attr, mp_obj_t *dest, bool all);

void __wrap_mp_load_method_protected(mp_obj_t obj, qstr attr, mp_obj_t *dest, bool all) {
    probe_t probe;
    probe.outer = probed;
    nlr_push_jump_callback(&probe.node, probe_end);
    probed = obj;
    __real_mp_load_method_protected(obj, attr, dest, all);
    nlr_pop_jump_callback(true);
}

// probing(obj): whether this call of obj's __getattr__ only asks if there is such an attribute.  True once a call, so
// that a handler which interrupts it and uses the same object gets what it wants: ask first.
static mp_obj_t prompt_probing(mp_obj_t obj) {
    if (obj != probed) {
        return mp_const_false;
    }
    probed = MP_OBJ_NULL;
    return mp_const_true;
}
static MP_DEFINE_CONST_FUN_OBJ_1(prompt_probing_obj, prompt_probing);

MP_REGISTER_ROOT_POINTER(mp_obj_t prompt_before);

static void forget(void) {
    MP_STATE_VM(prompt_before) = MP_OBJ_NULL;
    probed = MP_OBJ_NULL;
}
SOFTRESET(forget);

// before([function or None]) -> the function that is called before each new line of the friendly prompt, or None.
static mp_obj_t prompt_before(size_t n_args, const mp_obj_t *args) {
    mp_obj_t now = MP_STATE_VM(prompt_before);
    if (n_args > 0) {
        if (args[0] != mp_const_none && !mp_obj_is_callable(args[0])) {
            mp_raise_TypeError(MP_ERROR_TEXT("not callable"));
        }
        MP_STATE_VM(prompt_before) = args[0] == mp_const_none ? MP_OBJ_NULL : args[0];
    }
    return now == MP_OBJ_NULL ? mp_const_none : now;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(prompt_before_obj, 0, 1, prompt_before);

void prompt_run_before(const char *prompt) {
    mp_obj_t fn = MP_STATE_VM(prompt_before);
    if (fn == MP_OBJ_NULL || prompt != mp_repl_get_ps1()) {
        return; // input(), or a line that goes on
    }
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_hal_set_interrupt_char(CHAR_CTRL_C);
        mp_call_function_0(fn);
        mp_handle_pending(true);
        mp_hal_set_interrupt_char(-1);
        nlr_pop();
    } else {
        mp_hal_set_interrupt_char(-1);
        mp_handle_pending(false);
        forget(); // or it would keep the user from the prompt that could remove it
        mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(nlr.ret_val));
    }
}

// unread(byte): have a byte read again, before everything else that was typed.
static mp_obj_t prompt_unread(mp_obj_t byte) {
    uart_rx_unget((uint8_t)mp_obj_get_int(byte));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(prompt_unread_obj, prompt_unread);

// put(byte) -> bool: have a byte count as typed, Ctrl-C included.  False, and nothing typed, when nobody reads, and in
// the raw REPL mode of a client on the line, whose bytes must stay what it sent.
static mp_obj_t prompt_put(mp_obj_t byte) {
    bool foreign = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL && !uart_raw_put;
    return mp_obj_new_bool(!foreign && uart_rx_put((uint8_t)mp_obj_get_int(byte)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(prompt_put_obj, prompt_put);

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_prompt)},
    {MP_ROM_QSTR(MP_QSTR_before), MP_ROM_PTR(&prompt_before_obj)},
    {MP_ROM_QSTR(MP_QSTR_probing), MP_ROM_PTR(&prompt_probing_obj)},
    {MP_ROM_QSTR(MP_QSTR_put), MP_ROM_PTR(&prompt_put_obj)},
    {MP_ROM_QSTR(MP_QSTR_unread), MP_ROM_PTR(&prompt_unread_obj)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t prompt_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_prompt, prompt_module);
