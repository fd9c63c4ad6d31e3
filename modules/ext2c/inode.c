// SPDX-License-Identifier: MIT
// Inodes in their table (ext2.rst, "Inodes").

#include "ext2c.h"
#include "modext2c.h"

#include "py/objstr.h"
#include "py/objtype.h"
#include "py/runtime.h"

#define MEMBERS 17 // of an inode in core, before its map has to grow; a size that py/map.c has

// `size` bytes of a table from off on.
static const uint8_t *inode_in(mp_obj_t table, mp_obj_t off, size_t size) {
    size_t len;
    const uint8_t *p = ext2c_bytes_of(table, &len);
    size_t at = ext2c_index_of(off, len);
    if (len - at < size) {
        mp_raise_type(&mp_type_IndexError);
    }
    return p + at;
}

static uint64_t bytes_of(const uint8_t *p) {
    bool is_file = (ext2c_le32(p) & 0xf000) == 0x8000;
    return ext2c_le32(p + 4) | (is_file ? (uint64_t)ext2c_le32(p + 108) << 32 : 0);
}

// stat(table, off, ino): 10-tuple of os.stat() from an inode in its table (ext2.rst, "Inodes").
static mp_obj_t stat_(mp_obj_t table, mp_obj_t off, mp_obj_t ino) {
    const uint8_t *p = inode_in(table, off, 128);
    uint32_t mode = ext2c_le32(p) & 0xffff;
    uint32_t high = ext2c_le32(p + 120); // upper halves of uid, gid
    mp_obj_t items[10] = {
        MP_OBJ_NEW_SMALL_INT(mode),
        ino,
        MP_OBJ_NEW_SMALL_INT(0),
        MP_OBJ_NEW_SMALL_INT(ext2c_le32(p + 24) >> 16),
        mp_obj_new_int_from_uint(ext2c_le32(p) >> 16 | high << 16),
        mp_obj_new_int_from_uint((ext2c_le32(p + 24) & 0xffff) | (high & 0xffff0000)),
        mp_obj_new_int_from_uint(bytes_of(p)),
        mp_obj_new_int_from_uint(ext2c_le32(p + 8)),
        mp_obj_new_int_from_uint(ext2c_le32(p + 16)),
        mp_obj_new_int_from_uint(ext2c_le32(p + 12)),
    };
    return mp_obj_new_tuple(10, items);
}
MP_DEFINE_CONST_FUN_OBJ_3(ext2c_stat_obj, stat_);

// An instance of a class of Python's, with room for so many attributes.  Without it they come one by one, and the map
// of an instance grows by two.
static mp_obj_instance_t *instance(mp_obj_t cls, size_t room) {
    if (!mp_obj_is_type(cls, &mp_type_type) ||
        !mp_obj_is_instance_type((const mp_obj_type_t *)MP_OBJ_TO_PTR(cls))) {
        mp_raise_TypeError(NULL);
    }
    const mp_obj_type_t *native_base = NULL;
    mp_obj_instance_t *self = mp_obj_new_instance(MP_OBJ_TO_PTR(cls), &native_base);
    mp_map_init(&self->members, room);
    return self;
}

static void set(mp_obj_instance_t *self, mp_obj_t name, mp_obj_t value) {
    mp_map_lookup(&self->members, name, MP_MAP_LOOKUP_ADD_IF_NOT_FOUND)->value = value;
}

// make(cls, names, *values): an instance with these attributes; its __init__() does not run.
static mp_obj_t make(size_t n_args, const mp_obj_t *args) {
    size_t n;
    mp_obj_t *names;
    mp_obj_get_array(args[1], &n, &names);
    if (n != n_args - 2) {
        mp_raise_ValueError(NULL);
    }
    mp_obj_instance_t *self = instance(args[0], n + n / 2);
    for (size_t i = 0; i < n; i++) {
        set(self, MP_OBJ_NEW_QSTR(mp_obj_str_get_qstr(names[i])), args[2 + i]);
    }
    return MP_OBJ_FROM_PTR(self);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ext2c_make_obj, 2, 16, make);

// inode(cls, ino, map, table, off, size): such an instance for the `size` bytes at off in a table: ino and map as they
// are here, raw a copy of the bytes, and what they say: mode, size, links, flags.  opened, run_first, run_length and
// run_phys are 0.
static mp_obj_t inode(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_int_t size = mp_obj_get_int(args[5]);
    if (size < 128) {
        mp_raise_ValueError(NULL);
    }
    const uint8_t *p = inode_in(args[3], args[4], (size_t)size);
    static const qstr_short_t zeros[] = {MP_QSTR_opened, MP_QSTR_run_first, MP_QSTR_run_length,
                                         MP_QSTR_run_phys};
    mp_obj_instance_t *self = instance(args[0], MEMBERS);
    set(self, MP_ROM_QSTR(MP_QSTR_ino), args[1]);
    set(self, MP_ROM_QSTR(MP_QSTR_map), args[2]);
    set(self, MP_ROM_QSTR(MP_QSTR_raw), mp_obj_new_bytearray((size_t)size, p));
    set(self, MP_ROM_QSTR(MP_QSTR_mode), MP_OBJ_NEW_SMALL_INT(ext2c_le32(p) & 0xffff));
    set(self, MP_ROM_QSTR(MP_QSTR_size), mp_obj_new_int_from_uint(bytes_of(p)));
    set(self, MP_ROM_QSTR(MP_QSTR_links), MP_OBJ_NEW_SMALL_INT(ext2c_le32(p + 24) >> 16));
    set(self, MP_ROM_QSTR(MP_QSTR_flags), MP_OBJ_NEW_SMALL_INT(ext2c_le32(p + 32)));
    for (size_t i = 0; i < MP_ARRAY_SIZE(zeros); i++) {
        set(self, MP_OBJ_NEW_QSTR(zeros[i]), MP_OBJ_NEW_SMALL_INT(0));
    }
    return MP_OBJ_FROM_PTR(self);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ext2c_inode_obj, 6, 6, inode);
