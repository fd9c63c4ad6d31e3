// SPDX-License-Identifier: MIT
// klog: the kernel log from Python, and the builtin dmesg().

#include <string.h>

#include "klog.h"
#include "py/mphal.h"
#include "py/runtime.h"

// dmesg(level=7): print the lines up to that level, oldest first.  Lines without a level (the shim's) always.
static mp_obj_t klog_dmesg(size_t n_args, const mp_obj_t *args) {
    mp_int_t level = n_args > 0 ? mp_obj_get_int(args[0]) : KLOG_DEBUG;
    char text[256]; // of a line, or a part of one that is longer
    size_t n = 0;
    bool begins = true, shown = true;
    for (uint64_t pos = klog_start(), end = klog_end(); pos < end;) {
        if (klog_read(&pos, &text[n], 1) == 0) {
            break;
        }
        bool ends = text[n++] == '\n';
        if (ends || n == sizeof(text)) {
            shown = begins ? text[0] != '<' || text[1] - '0' <= level : shown;
            if (shown) {
                mp_hal_stdout_tx_strn_cooked(text, n);
            }
            begins = ends;
            n = 0;
        }
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(mod_klog_dmesg_obj, 0, 1, klog_dmesg);

// log(level, text): one line.
static mp_obj_t klog_log(mp_obj_t level, mp_obj_t text) {
    mp_int_t l = mp_obj_get_int(level);
    if (l < 0 || l > 7) {
        mp_raise_ValueError(MP_ERROR_TEXT("level is 0 to 7"));
    }
    klog((klog_level_t)l, "%s", mp_obj_str_get_str(text));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(klog_log_obj, klog_log);

// console(line) -> bool: print a line on the UART, not in the log; False, and nothing printed, in raw REPL mode.
static mp_obj_t klog_console_(mp_obj_t line) {
    size_t len;
    const char *text = mp_obj_str_get_data(line, &len);
    return mp_obj_new_bool(klog_console(text, len));
}
static MP_DEFINE_CONST_FUN_OBJ_1(klog_console_obj, klog_console_);

// read([pos]) -> (bytes, pos): what was logged since pos; pass the result's pos to the next call.
static mp_obj_t klog_read_(size_t n_args, const mp_obj_t *args) {
    mp_int_t from = n_args > 0 ? mp_obj_get_int(args[0]) : 0;
    if (from < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("position counts from 0"));
    }
    uint64_t pos = (uint64_t)from;
    if (pos < klog_start()) {
        pos = klog_start();
    }
    vstr_t v;
    uint64_t end = klog_end();
    vstr_init_len(&v, pos < end ? end - pos : 0);
    v.len = klog_read(&pos, v.buf, v.len);
    mp_obj_t items[2] = {mp_obj_new_bytes_from_vstr(&v), mp_obj_new_int_from_uint(pos)};
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(klog_read_obj, 0, 1, klog_read_);

// level([n]): the most verbose level that also goes to the console.
static mp_obj_t klog_level(size_t n_args, const mp_obj_t *args) {
    if (n_args > 0) {
        klog_console_level = (int)mp_obj_get_int(args[0]);
    }
    return MP_OBJ_NEW_SMALL_INT(klog_console_level);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(klog_level_obj, 0, 1, klog_level);

static mp_obj_t klog_clear_(void) {
    klog_clear();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(klog_clear_obj, klog_clear_);

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_klog)},
    {MP_ROM_QSTR(MP_QSTR_dmesg), MP_ROM_PTR(&mod_klog_dmesg_obj)},
    {MP_ROM_QSTR(MP_QSTR_log), MP_ROM_PTR(&klog_log_obj)},
    {MP_ROM_QSTR(MP_QSTR_console), MP_ROM_PTR(&klog_console_obj)},
    {MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&klog_read_obj)},
    {MP_ROM_QSTR(MP_QSTR_level), MP_ROM_PTR(&klog_level_obj)},
    {MP_ROM_QSTR(MP_QSTR_clear), MP_ROM_PTR(&klog_clear_obj)},
    {MP_ROM_QSTR(MP_QSTR_ERROR), MP_ROM_INT(KLOG_ERROR)},
    {MP_ROM_QSTR(MP_QSTR_WARN), MP_ROM_INT(KLOG_WARN)},
    {MP_ROM_QSTR(MP_QSTR_INFO), MP_ROM_INT(KLOG_INFO)},
    {MP_ROM_QSTR(MP_QSTR_DEBUG), MP_ROM_INT(KLOG_DEBUG)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_klog = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_klog, mod_klog);
