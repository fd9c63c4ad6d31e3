// SPDX-License-Identifier: MIT
// rawmem: read, write, search and test ranges of addresses.  A dead address raises BusError; Ctrl-C ends long work.
// Scheduled Python handlers wait meanwhile: they could resize the buffers in use, or grow the heap into the range.

#include <string.h>

#include "access.h"
#include "boot/crc32.h"
#include "match.h"
#include "mem.h"
#include "memtest.h"
#include "postmortem.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "range.h"

#define CHUNK 4096      // bounced at once
#define PATTERN_MAX 256 // bytes of a searched pattern

static void load(const range_t *r, size_t at, void *to, size_t n) {
    access_load(to, r->addr + at, n, r->bytes, r->normal);
    port_check_ctrl_c();
}

static void store(const range_t *r, size_t at, const void *from, size_t n) {
    access_store(r->addr + at, from, n, r->bytes, r->normal);
    port_check_ctrl_c();
}

// read(addr, n, width=8) -> bytes
static mp_obj_t rawmem_read(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    enum { ARG_addr, ARG_n, ARG_width };
    static const mp_arg_t spec[] = {
        {MP_QSTR_addr, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_n, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_width, MP_ARG_INT, {.u_int = 8}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(spec)];
    mp_arg_parse_all(n_args, pos, kw, MP_ARRAY_SIZE(spec), spec, a);
    range_t r = range_get(a[ARG_addr].u_obj, a[ARG_n].u_obj, a[ARG_width].u_int, RANGE_READ);
    vstr_t v;
    vstr_init_len(&v, r.size);
    for (size_t at = 0; at < r.size; at += CHUNK) {
        load(&r, at, v.buf + at, MIN(CHUNK, r.size - at));
    }
    return mp_obj_new_bytes_from_vstr(&v);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(rawmem_read_obj, 1, rawmem_read);

// readinto(addr, buf, width=8): as much as buf holds.
static mp_obj_t rawmem_readinto(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    enum { ARG_addr, ARG_buf, ARG_width };
    static const mp_arg_t spec[] = {
        {MP_QSTR_addr, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_buf, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_width, MP_ARG_INT, {.u_int = 8}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(spec)];
    mp_arg_parse_all(n_args, pos, kw, MP_ARRAY_SIZE(spec), spec, a);
    mp_buffer_info_t info;
    mp_get_buffer_raise(a[ARG_buf].u_obj, &info, MP_BUFFER_WRITE);
    range_t r = range_get(a[ARG_addr].u_obj, mp_obj_new_int_from_uint(info.len), a[ARG_width].u_int,
                          RANGE_READ);
    for (size_t at = 0; at < r.size; at += CHUNK) {
        load(&r, at, (uint8_t *)info.buf + at, MIN(CHUNK, r.size - at));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(rawmem_readinto_obj, 2, rawmem_readinto);

static int write_access(bool force) {
    postmortem_check_write();
    return force ? RANGE_FORCE : RANGE_WRITE;
}

// write(addr, data, width=8, *, force=False)
static mp_obj_t rawmem_write(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    enum { ARG_addr, ARG_data, ARG_width, ARG_force };
    static const mp_arg_t spec[] = {
        {MP_QSTR_addr, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_data, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_width, MP_ARG_INT, {.u_int = 8}},
        {MP_QSTR_force, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(spec)];
    mp_arg_parse_all(n_args, pos, kw, MP_ARRAY_SIZE(spec), spec, a);
    mp_buffer_info_t info;
    mp_get_buffer_raise(a[ARG_data].u_obj, &info, MP_BUFFER_READ);
    range_t r = range_get(a[ARG_addr].u_obj, mp_obj_new_int_from_uint(info.len), a[ARG_width].u_int,
                          write_access(a[ARG_force].u_bool));
    for (size_t at = 0; at < r.size; at += CHUNK) {
        store(&r, at, (const uint8_t *)info.buf + at, MIN(CHUNK, r.size - at));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(rawmem_write_obj, 2, rawmem_write);

// fill(addr, n, value, width=8, *, force=False)
static mp_obj_t rawmem_fill(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    enum { ARG_addr, ARG_n, ARG_value, ARG_width, ARG_force };
    static const mp_arg_t spec[] = {
        {MP_QSTR_addr, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_n, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_value, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_width, MP_ARG_INT, {.u_int = 8}},
        {MP_QSTR_force, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(spec)];
    mp_arg_parse_all(n_args, pos, kw, MP_ARRAY_SIZE(spec), spec, a);
    range_t r = range_get(a[ARG_addr].u_obj, a[ARG_n].u_obj, a[ARG_width].u_int,
                          write_access(a[ARG_force].u_bool));
    uint64_t value = (uint64_t)mp_obj_get_int_truncated(a[ARG_value].u_obj);
    size_t unit = r.bytes == 0 ? 1 : r.bytes;
    uint8_t chunk[CHUNK];
    for (size_t i = 0; i < CHUNK; i += unit) {
        memcpy(chunk + i, &value, unit);
    }
    for (size_t at = 0; at < r.size; at += CHUNK) {
        store(&r, at, chunk, MIN(CHUNK, r.size - at));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(rawmem_fill_obj, 3, rawmem_fill);

// copy(dst, src, n, width=8, *, force=False).  The ranges may overlap.
static mp_obj_t rawmem_copy(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    enum { ARG_dst, ARG_src, ARG_n, ARG_width, ARG_force };
    static const mp_arg_t spec[] = {
        {MP_QSTR_dst, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_src, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_n, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_width, MP_ARG_INT, {.u_int = 8}},
        {MP_QSTR_force, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(spec)];
    mp_arg_parse_all(n_args, pos, kw, MP_ARRAY_SIZE(spec), spec, a);
    mp_obj_t n = a[ARG_n].u_obj;
    range_t dst =
        range_get(a[ARG_dst].u_obj, n, a[ARG_width].u_int, write_access(a[ARG_force].u_bool));
    range_t src = range_get(a[ARG_src].u_obj, n, a[ARG_width].u_int, RANGE_READ);
    if (dst.size != src.size) {
        mp_raise_ValueError(MP_ERROR_TEXT("lengths differ"));
    }
    bool down = dst.addr - src.addr < src.size; // what is read last would be overwritten first
    uint8_t chunk[CHUNK];
    for (size_t done = 0, len; done < dst.size; done += len) {
        len = MIN(CHUNK, dst.size - done);
        size_t at = down ? dst.size - done - len : done;
        load(&src, at, chunk, len);
        store(&dst, at, chunk, len);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(rawmem_copy_obj, 3, rawmem_copy);

// compare(a, b, n, width=0) -> offset of the first byte that differs, or -1
static mp_obj_t rawmem_compare(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    enum { ARG_a, ARG_b, ARG_n, ARG_width };
    static const mp_arg_t spec[] = {
        {MP_QSTR_a, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_b, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_n, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_width, MP_ARG_INT, {.u_int = 0}},
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(spec)];
    mp_arg_parse_all(n_args, pos, kw, MP_ARRAY_SIZE(spec), spec, v);
    range_t a = range_get(v[ARG_a].u_obj, v[ARG_n].u_obj, v[ARG_width].u_int, RANGE_READ);
    range_t b = range_get(v[ARG_b].u_obj, v[ARG_n].u_obj, v[ARG_width].u_int, RANGE_READ);
    if (a.size != b.size) {
        mp_raise_ValueError(MP_ERROR_TEXT("lengths differ"));
    }
    uint8_t of_a[CHUNK], of_b[CHUNK];
    for (size_t at = 0; at < a.size; at += CHUNK) {
        size_t len = MIN(CHUNK, a.size - at);
        load(&a, at, of_a, len);
        load(&b, at, of_b, len);
        if (memcmp(of_a, of_b, len) != 0) {
            size_t i = 0;
            while (of_a[i] == of_b[i]) {
                i++;
            }
            return mp_obj_new_int_from_uint(at + i);
        }
    }
    return MP_OBJ_NEW_SMALL_INT(-1);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(rawmem_compare_obj, 2, rawmem_compare);

// find(addr, n, pattern, mask=None, align=1, width=0) -> address of the first hit, or -1
static mp_obj_t rawmem_find(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    enum { ARG_addr, ARG_n, ARG_pattern, ARG_mask, ARG_align, ARG_width };
    static const mp_arg_t spec[] = {
        {MP_QSTR_addr, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_n, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_pattern, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_mask, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_align, MP_ARG_INT, {.u_int = 1}},
        {MP_QSTR_width, MP_ARG_INT, {.u_int = 0}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(spec)];
    mp_arg_parse_all(n_args, pos, kw, MP_ARRAY_SIZE(spec), spec, a);
    range_t r = range_get(a[ARG_addr].u_obj, a[ARG_n].u_obj, a[ARG_width].u_int, RANGE_READ);
    mp_buffer_info_t pattern, mask = {0};
    mp_get_buffer_raise(a[ARG_pattern].u_obj, &pattern, MP_BUFFER_READ);
    if (a[ARG_mask].u_obj != mp_const_none) {
        mp_get_buffer_raise(a[ARG_mask].u_obj, &mask, MP_BUFFER_READ);
        if (mask.len != pattern.len) {
            mp_raise_ValueError(MP_ERROR_TEXT("mask and pattern differ in length"));
        }
    }
    if (pattern.len == 0 || pattern.len > PATTERN_MAX || a[ARG_align].u_int < 1) {
        mp_raise_ValueError(MP_ERROR_TEXT("pattern has 1 to 256 bytes, alignment is from 1"));
    }
    match_t m = {pattern.buf, mask.buf, pattern.len, (uint64_t)a[ARG_align].u_int};
    uint8_t window[PATTERN_MAX + CHUNK];
    size_t kept = 0; // bytes at the window's start that the chunk before ended with
    for (size_t at = 0; at < r.size; at += CHUNK) {
        size_t len = MIN(CHUNK, r.size - at);
        load(&r, at, window + kept, len);
        len += kept;
        uintptr_t addr = r.addr + at - kept;
        size_t i = match_find(&m, window, len, addr);
        if (i != len) {
            return mp_obj_new_int_from_uint(addr + i);
        }
        kept = MIN(m.len - 1, len);
        memmove(window, window + len - kept, kept);
    }
    return MP_OBJ_NEW_SMALL_INT(-1);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(rawmem_find_obj, 3, rawmem_find);

// crc32(addr, n=None, width=0) -> int, as binascii.crc32
static mp_obj_t rawmem_crc32(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    enum { ARG_addr, ARG_n, ARG_width };
    static const mp_arg_t spec[] = {
        {MP_QSTR_addr, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_n, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_width, MP_ARG_INT, {.u_int = 0}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(spec)];
    mp_arg_parse_all(n_args, pos, kw, MP_ARRAY_SIZE(spec), spec, a);
    range_t r = range_get(a[ARG_addr].u_obj, a[ARG_n].u_obj, a[ARG_width].u_int, RANGE_READ);
    uint8_t chunk[CHUNK];
    uint32_t crc = 0;
    for (size_t at = 0; at < r.size; at += CHUNK) {
        size_t len = MIN(CHUNK, r.size - at);
        load(&r, at, chunk, len);
        crc = hw_crc32_update(crc, chunk, len);
    }
    return MP_OBJ_NEW_SMALL_INT(crc);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(rawmem_crc32_obj, 1, rawmem_crc32);

static bool memtest_poll(void *arg) {
    (void)arg;
    port_check_ctrl_c();
    return true;
}

// memtest(addr, n=None, passes=1, *, force=False) -> None, or (address, wrote, read, part) of the first bad word
static mp_obj_t rawmem_memtest(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    enum { ARG_addr, ARG_n, ARG_passes, ARG_force };
    static const mp_arg_t spec[] = {
        {MP_QSTR_addr, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_n, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_passes, MP_ARG_INT, {.u_int = 1}},
        {MP_QSTR_force, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(spec)];
    mp_arg_parse_all(n_args, pos, kw, MP_ARRAY_SIZE(spec), spec, a);
    range_t r = range_get(a[ARG_addr].u_obj, a[ARG_n].u_obj, 64, write_access(a[ARG_force].u_bool));
    if (!r.normal || a[ARG_passes].u_int < 1) {
        mp_raise_ValueError(MP_ERROR_TEXT("memory only, passes from 1"));
    }
    memtest_bad_t bad;
    memtest_end_t end = memtest_run((uint64_t *)r.addr, r.size, (uint64_t)a[ARG_passes].u_int,
                                    memtest_poll, NULL, &bad);
    return range_memtest_result(end, &bad);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(rawmem_memtest_obj, 1, rawmem_memtest);

// free() -> [(base, size), ...]: RAM that nobody has.  The Python heap may grow into it later.
static mp_obj_t rawmem_free(void) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    uint64_t base, size;
    for (unsigned i = 0; mem_free_run(i, &base, &size); i++) {
        mp_obj_t pair[2] = {mp_obj_new_int_from_uint(base), mp_obj_new_int_from_uint(size)};
        mp_obj_list_append(list, mp_obj_new_tuple(2, pair));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(rawmem_free_obj, rawmem_free);

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_rawmem)},
    {MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&rawmem_read_obj)},
    {MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&rawmem_readinto_obj)},
    {MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&rawmem_write_obj)},
    {MP_ROM_QSTR(MP_QSTR_fill), MP_ROM_PTR(&rawmem_fill_obj)},
    {MP_ROM_QSTR(MP_QSTR_copy), MP_ROM_PTR(&rawmem_copy_obj)},
    {MP_ROM_QSTR(MP_QSTR_compare), MP_ROM_PTR(&rawmem_compare_obj)},
    {MP_ROM_QSTR(MP_QSTR_find), MP_ROM_PTR(&rawmem_find_obj)},
    {MP_ROM_QSTR(MP_QSTR_crc32), MP_ROM_PTR(&rawmem_crc32_obj)},
    {MP_ROM_QSTR(MP_QSTR_memtest), MP_ROM_PTR(&rawmem_memtest_obj)},
    {MP_ROM_QSTR(MP_QSTR_free), MP_ROM_PTR(&rawmem_free_obj)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_rawmem = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_rawmem, mod_rawmem);
