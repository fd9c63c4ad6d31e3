// SPDX-License-Identifier: MIT
// ext2c: inner loops of the file system in frozen/fs/ext2, no policy.  Twin for unit tests: tests/sim/ext2c.py.

#include <string.h>

#include "ext2c.h"
#include "modext2c.h"
#include "py/objarray.h"
#include "py/objstr.h"
#include "py/runtime.h"

const uint8_t *ext2c_bytes_of(mp_obj_t obj, size_t *len) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(obj, &info, MP_BUFFER_READ);
    *len = info.len;
    return info.buf;
}

size_t ext2c_index_of(mp_obj_t obj, size_t limit) {
    mp_int_t at = mp_obj_get_int(obj);
    if (at < 0 || (size_t)at > limit) {
        mp_raise_type(&mp_type_IndexError);
    }
    return (size_t)at;
}

static mp_obj_t run_of(size_t n, size_t first) {
    return mp_obj_new_int((mp_int_t)(n << 32 | first));
}

// find(block, name): offset of a name's record, -1 not there, -2 broken.
static mp_obj_t find(mp_obj_t block, mp_obj_t name) {
    size_t size, len;
    const uint8_t *p = ext2c_bytes_of(block, &size);
    const uint8_t *q = ext2c_bytes_of(name, &len);
    return MP_OBJ_NEW_SMALL_INT(ext2c_find(p, size, q, len));
}
static MP_DEFINE_CONST_FUN_OBJ_2(find_obj, find);

const char *ext2c_below(mp_obj_t path, mp_obj_t folder, size_t *len) {
    size_t n, m;
    const char *p = mp_obj_str_get_data(path, &n);
    const char *f = mp_obj_str_get_data(folder, &m);
    if (n <= m + 1 || memcmp(p, f, m) != 0 || p[m] != '/') {
        return NULL;
    }
    p += m + 1;
    n -= m + 1;
    if (memchr(p, '/', n) != NULL || (p[0] == '.' && (n == 1 || (n == 2 && p[1] == '.')))) {
        return NULL;
    }
    *len = n;
    return p;
}

// below(path, folder): the name, as bytes, when path is folder + "/" + name; None otherwise, and for odd names.
static mp_obj_t below(mp_obj_t path, mp_obj_t folder) {
    size_t n;
    const char *p = ext2c_below(path, folder, &n);
    return p == NULL ? mp_const_none : mp_obj_new_bytes((const byte *)p, n);
}
static MP_DEFINE_CONST_FUN_OBJ_2(below_obj, below);

// room(block, need): offset of the first record with so many bytes to spare, -1 none, -2 broken.
static mp_obj_t room(mp_obj_t block, mp_obj_t need) {
    size_t size;
    const uint8_t *p = ext2c_bytes_of(block, &size);
    return MP_OBJ_NEW_SMALL_INT(ext2c_room(p, size, ext2c_index_of(need, size)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(room_obj, room);

// before(block, off): offset of the record in front of that at off; off itself for the first; -2 broken.
static mp_obj_t before(mp_obj_t block, mp_obj_t off) {
    size_t size;
    const uint8_t *p = ext2c_bytes_of(block, &size);
    return MP_OBJ_NEW_SMALL_INT(ext2c_before(p, size, ext2c_index_of(off, size)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(before_obj, before);

// live(block): how many names a directory block has, "." and ".." counted; -2 broken.
static mp_obj_t live(mp_obj_t block) {
    size_t size;
    const uint8_t *p = ext2c_bytes_of(block, &size);
    return MP_OBJ_NEW_SMALL_INT(ext2c_live(p, size));
}
static MP_DEFINE_CONST_FUN_OBJ_1(live_obj, live);

// run(words, index, limit): length << 32 | first of the run of 32-bit pointers from index on.
static mp_obj_t run(mp_obj_t words, mp_obj_t index, mp_obj_t limit) {
    size_t size;
    const uint8_t *p = ext2c_bytes_of(words, &size);
    size /= 4;
    size_t at = ext2c_index_of(index, size);
    if (at == size) {
        mp_raise_type(&mp_type_IndexError);
    }
    mp_int_t most = mp_obj_get_int(limit);
    if (most < 1) {
        mp_raise_type(&mp_type_IndexError);
    }
    size_t n = ext2c_run(p + 4 * at, (size_t)most < size - at ? (size_t)most : size - at);
    return run_of(n, ext2c_le32(p + 4 * at));
}
static MP_DEFINE_CONST_FUN_OBJ_3(run_obj, run);

// word(block, off): the 32-bit number there.
static mp_obj_t word(mp_obj_t block, mp_obj_t off) {
    size_t size;
    const uint8_t *p = ext2c_bytes_of(block, &size);
    size_t at = ext2c_index_of(off, size);
    if (size - at < 4) {
        mp_raise_type(&mp_type_IndexError);
    }
    return mp_obj_new_int_from_uint(ext2c_le32(p + at));
}
static MP_DEFINE_CONST_FUN_OBJ_2(word_obj, word);

// put_run(words, index, n, first): n pointers that count up from first, or are all 0.
static mp_obj_t put_run(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(args[0], &info, MP_BUFFER_WRITE);
    size_t at = ext2c_index_of(args[1], info.len / 4);
    size_t n = ext2c_index_of(args[2], info.len / 4 - at);
    (void)n_args;
    ext2c_put_run((uint8_t *)info.buf + 4 * at, n, (uint32_t)mp_obj_get_int_truncated(args[3]));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(put_run_obj, 4, 4, put_run);

// free_run(bitmap, start, end, most): length << 32 | index of the first run of clear bits, 0 none.
static mp_obj_t free_run(size_t n_args, const mp_obj_t *args) {
    size_t size;
    const uint8_t *p = ext2c_bytes_of(args[0], &size);
    size_t end = ext2c_index_of(args[2], 8 * size);
    size_t start = ext2c_index_of(args[1], end);
    size_t first = 0;
    size_t n = ext2c_free_run(p, start, end, (size_t)mp_obj_get_int(args[3]), &first);
    (void)n_args;
    return run_of(n, first);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(free_run_obj, 4, 4, free_run);

// set_bits(bitmap, start, n, value): how many of n bits were different before.
static mp_obj_t set_bits(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(args[0], &info, MP_BUFFER_WRITE);
    size_t start = ext2c_index_of(args[1], 8 * info.len);
    size_t n = ext2c_index_of(args[2], 8 * info.len - start);
    (void)n_args;
    return mp_obj_new_int_from_uint(ext2c_set_bits(info.buf, start, n, mp_obj_is_true(args[3])));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(set_bits_obj, 4, 4, set_bits);

// byte(buf, value, start, end): index of the first such byte, -1 none.
static mp_obj_t byte_(size_t n_args, const mp_obj_t *args) {
    size_t size;
    const uint8_t *p = ext2c_bytes_of(args[0], &size);
    size_t end = ext2c_index_of(args[3], size);
    size_t start = ext2c_index_of(args[2], end);
    const uint8_t *found = memchr(p + start, (int)mp_obj_get_int(args[1]), end - start);
    (void)n_args;
    return MP_OBJ_NEW_SMALL_INT(found == NULL ? -1 : found - p);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(byte_obj, 4, 4, byte_);

// lookup(dicts, key): the value of a key in the first of some dicts that has it, None when none does.
static mp_obj_t lookup(mp_obj_t dicts, mp_obj_t key) {
    size_t n;
    mp_obj_t *items;
    mp_obj_get_array(dicts, &n, &items);
    for (size_t i = 0; i < n; i++) {
        mp_map_elem_t *found = mp_map_lookup(mp_obj_dict_get_map(items[i]), key, MP_MAP_LOOKUP);
        if (found != NULL) {
            return found->value;
        }
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(lookup_obj, lookup);

// part(buf, off, n): those n bytes, as bytes.
static mp_obj_t part(mp_obj_t buf, mp_obj_t off, mp_obj_t n) {
    size_t size;
    const uint8_t *p = ext2c_bytes_of(buf, &size);
    size_t at = ext2c_index_of(off, size);
    return mp_obj_new_bytes(p + at, ext2c_index_of(n, size - at));
}
static MP_DEFINE_CONST_FUN_OBJ_3(part_obj, part);

// window(view, buf, off, n): the memoryview `view`, which shows n bytes of buf from off on from now on.
static mp_obj_t window(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_buffer_info_t info;
    mp_get_buffer_raise(args[1], &info, MP_BUFFER_WRITE);
    size_t at = ext2c_index_of(args[2], info.len);
    size_t n = ext2c_index_of(args[3], info.len - at);
    if (!mp_obj_is_type(args[0], &mp_type_memoryview)) {
        mp_raise_TypeError(NULL);
    }
    mp_obj_array_t *view = MP_OBJ_TO_PTR(args[0]);
    view->typecode = 'B' | MP_OBJ_ARRAY_TYPECODE_FLAG_RW;
    view->items = n > 0 ? info.buf : NULL; // nothing kept alive
    view->free = n > 0 ? at : 0;           // of a memoryview: where it begins
    view->len = n;
    return args[0];
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(window_obj, 4, 4, window);

// copy(to, at, data, off, n): n bytes of data from off on, to `to` from at on.
static mp_obj_t copy(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_buffer_info_t to;
    size_t size;
    mp_get_buffer_raise(args[0], &to, MP_BUFFER_WRITE);
    const uint8_t *p = ext2c_bytes_of(args[2], &size);
    size_t at = ext2c_index_of(args[1], to.len);
    size_t off = ext2c_index_of(args[3], size);
    size_t most = size - off < to.len - at ? size - off : to.len - at;
    memmove((uint8_t *)to.buf + at, p + off, ext2c_index_of(args[4], most));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(copy_obj, 5, 5, copy);

// fill(buf, value): set every byte.
static mp_obj_t fill(mp_obj_t buf, mp_obj_t value) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(buf, &info, MP_BUFFER_WRITE);
    memset(info.buf, (int)mp_obj_get_int(value), info.len);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(fill_obj, fill);

// crc32c(crc, buf): CRC-32C of buf, from crc on; nothing inverted.
static mp_obj_t crc32c(mp_obj_t crc, mp_obj_t buf) {
    size_t size;
    const uint8_t *p = ext2c_bytes_of(buf, &size);
    return mp_obj_new_int_from_uint(ext2c_crc32c((uint32_t)mp_obj_get_int_truncated(crc), p, size));
}
static MP_DEFINE_CONST_FUN_OBJ_2(crc32c_obj, crc32c);

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_ext2c)},
    {MP_ROM_QSTR(MP_QSTR_find), MP_ROM_PTR(&find_obj)},
    {MP_ROM_QSTR(MP_QSTR_names), MP_ROM_PTR(&ext2c_names_obj)},
    {MP_ROM_QSTR(MP_QSTR_inode), MP_ROM_PTR(&ext2c_inode_obj)},
    {MP_ROM_QSTR(MP_QSTR_kept), MP_ROM_PTR(&ext2c_kept_obj)},
    {MP_ROM_QSTR(MP_QSTR_make), MP_ROM_PTR(&ext2c_make_obj)},
    {MP_ROM_QSTR(MP_QSTR_lookup), MP_ROM_PTR(&lookup_obj)},
    {MP_ROM_QSTR(MP_QSTR_stat), MP_ROM_PTR(&ext2c_stat_obj)},
    {MP_ROM_QSTR(MP_QSTR_below), MP_ROM_PTR(&below_obj)},
    {MP_ROM_QSTR(MP_QSTR_near_inode), MP_ROM_PTR(&ext2c_near_inode_obj)},
    {MP_ROM_QSTR(MP_QSTR_near_stat), MP_ROM_PTR(&ext2c_near_stat_obj)},
    {MP_ROM_QSTR(MP_QSTR_part), MP_ROM_PTR(&part_obj)},
    {MP_ROM_QSTR(MP_QSTR_room), MP_ROM_PTR(&room_obj)},
    {MP_ROM_QSTR(MP_QSTR_before), MP_ROM_PTR(&before_obj)},
    {MP_ROM_QSTR(MP_QSTR_live), MP_ROM_PTR(&live_obj)},
    {MP_ROM_QSTR(MP_QSTR_run), MP_ROM_PTR(&run_obj)},
    {MP_ROM_QSTR(MP_QSTR_word), MP_ROM_PTR(&word_obj)},
    {MP_ROM_QSTR(MP_QSTR_put_run), MP_ROM_PTR(&put_run_obj)},
    {MP_ROM_QSTR(MP_QSTR_free_run), MP_ROM_PTR(&free_run_obj)},
    {MP_ROM_QSTR(MP_QSTR_set_bits), MP_ROM_PTR(&set_bits_obj)},
    {MP_ROM_QSTR(MP_QSTR_byte), MP_ROM_PTR(&byte_obj)},
    {MP_ROM_QSTR(MP_QSTR_window), MP_ROM_PTR(&window_obj)},
    {MP_ROM_QSTR(MP_QSTR_copy), MP_ROM_PTR(&copy_obj)},
    {MP_ROM_QSTR(MP_QSTR_fill), MP_ROM_PTR(&fill_obj)},
    {MP_ROM_QSTR(MP_QSTR_crc32c), MP_ROM_PTR(&crc32c_obj)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_ext2c = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_ext2c, mod_ext2c);
