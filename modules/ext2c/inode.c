// SPDX-License-Identifier: MIT
// Inodes in their table (ext2.rst, "Inodes").

#include "ext2c.h"
#include "modext2c.h"

#include "py/objstr.h"
#include "py/objtype.h"
#include "py/runtime.h"

#define EXTENTS 0x80000 // i_flags
#define MEMBERS 17      // of an inode in core, before its map has to grow; a size that py/map.c has

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

uint64_t ext2c_size(const uint8_t *p) {
    bool is_file = (ext2c_le32(p) & 0xf000) == 0x8000;
    return ext2c_le32(p + 4) | (is_file ? (uint64_t)ext2c_le32(p + 108) << 32 : 0);
}

static mp_obj_t stat_of(const uint8_t *p, mp_obj_t ino) {
    uint32_t mode = ext2c_le32(p) & 0xffff;
    uint32_t high = ext2c_le32(p + 120); // upper halves of uid, gid
    mp_obj_t items[10] = {
        MP_OBJ_NEW_SMALL_INT(mode),
        ino,
        MP_OBJ_NEW_SMALL_INT(0),
        MP_OBJ_NEW_SMALL_INT(ext2c_le32(p + 24) >> 16),
        mp_obj_new_int_from_uint(ext2c_le32(p) >> 16 | high << 16),
        mp_obj_new_int_from_uint((ext2c_le32(p + 24) & 0xffff) | (high & 0xffff0000)),
        mp_obj_new_int_from_uint(ext2c_size(p)),
        mp_obj_new_int_from_uint(ext2c_le32(p + 8)),
        mp_obj_new_int_from_uint(ext2c_le32(p + 16)),
        mp_obj_new_int_from_uint(ext2c_le32(p + 12)),
    };
    return mp_obj_new_tuple(10, items);
}

// stat(table, off, ino): 10-tuple of os.stat() from an inode in its table (ext2.rst, "Inodes").
static mp_obj_t stat_(mp_obj_t table, mp_obj_t off, mp_obj_t ino) {
    return stat_of(inode_in(table, off, 128), ino);
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

static mp_obj_t new_inode(mp_obj_t cls, mp_obj_t ino, mp_obj_t map, const uint8_t *p, size_t size) {
    static const qstr_short_t zeros[] = {MP_QSTR_opened, MP_QSTR_run_first, MP_QSTR_run_length,
                                         MP_QSTR_run_phys};
    mp_obj_instance_t *self = instance(cls, MEMBERS);
    set(self, MP_ROM_QSTR(MP_QSTR_ino), ino);
    set(self, MP_ROM_QSTR(MP_QSTR_map), map);
    set(self, MP_ROM_QSTR(MP_QSTR_raw), mp_obj_new_bytearray(size, p));
    set(self, MP_ROM_QSTR(MP_QSTR_mode), MP_OBJ_NEW_SMALL_INT(ext2c_le32(p) & 0xffff));
    set(self, MP_ROM_QSTR(MP_QSTR_size), mp_obj_new_int_from_uint(ext2c_size(p)));
    set(self, MP_ROM_QSTR(MP_QSTR_links), MP_OBJ_NEW_SMALL_INT(ext2c_le32(p + 24) >> 16));
    set(self, MP_ROM_QSTR(MP_QSTR_flags), MP_OBJ_NEW_SMALL_INT(ext2c_le32(p + 32)));
    for (size_t i = 0; i < MP_ARRAY_SIZE(zeros); i++) {
        set(self, MP_OBJ_NEW_QSTR(zeros[i]), MP_OBJ_NEW_SMALL_INT(0));
    }
    return MP_OBJ_FROM_PTR(self);
}

// inode(cls, ino, map, table, off, size): such an instance for the `size` bytes at off in a table: ino and map as they
// are here, raw a copy of the bytes, and what they say: mode, size, links, flags.  opened, run_first, run_length and
// run_phys are 0.
static mp_obj_t inode(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_int_t size = mp_obj_get_int(args[5]);
    if (size < 128) {
        mp_raise_ValueError(NULL);
    }
    return new_inode(args[0], args[1], args[2], inode_in(args[3], args[4], (size_t)size),
                     (size_t)size);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ext2c_inode_obj, 6, 6, inode);

// What near_inode() and near_stat() know of a volume: Table.shape.
enum { CLS, MAP, TABLES, PER_GROUP, SIZE, BITS, SPREAD, SHAPE };

static mp_obj_t value_of(mp_obj_t dict, mp_obj_t key) {
    mp_map_elem_t *found = mp_map_lookup(mp_obj_dict_get_map(dict), key, MP_MAP_LOOKUP);
    return found == NULL ? MP_OBJ_NULL : found->value;
}

// A block that is in the cache: where, or NULL.
static const uint8_t *cached(mp_obj_t blocks, mp_int_t spread, mp_int_t block, size_t *len) {
    mp_obj_t data = value_of(blocks, mp_obj_new_int(block * spread));
    return data == MP_OBJ_NULL ? NULL : ext2c_bytes_of(data, len);
}

// The inode of a name in the directory block `near`, its bytes in the table; NULL when not all of this is in the cache.
static const uint8_t *near(const mp_obj_t *args, const mp_obj_t *shape, mp_int_t *ino) {
    mp_int_t spread = mp_obj_get_int(shape[SPREAD]);
    size_t n, len;
    const char *name = ext2c_below(args[0], args[1], &n);
    const uint8_t *block =
        name == NULL ? NULL : cached(args[3], spread, mp_obj_get_int(args[2]), &len);
    long off = block == NULL ? EXT2C_NONE : ext2c_find(block, len, (const uint8_t *)name, n);
    mp_int_t per_group = mp_obj_get_int(shape[PER_GROUP]);
    mp_int_t bits = mp_obj_get_int(shape[BITS]);
    if (off < 0 || per_group <= 0 || bits < 0 || bits > 16) {
        return NULL;
    }
    *ino = ext2c_le32(block + off);
    mp_obj_t table = value_of(shape[TABLES], MP_OBJ_NEW_SMALL_INT((*ino - 1) / per_group));
    if (*ino == 0 || table == MP_OBJ_NULL) {
        return NULL;
    }
    size_t size = (size_t)mp_obj_get_int(shape[SIZE]);
    size_t at = (size_t)((*ino - 1) % per_group) * size;
    block = cached(args[3], spread, mp_obj_get_int(table) + (mp_int_t)(at >> bits), &len);
    at &= ((size_t)1 << bits) - 1;
    return block == NULL || size < 128 || at > len || len - at < size ? NULL : block + at;
}

static const mp_obj_t *shape_of(mp_obj_t obj) {
    mp_obj_t *shape;
    mp_obj_get_array_fixed_n(obj, SHAPE, &shape);
    return shape;
}

// near_stat(path, folder, block, young, core, shape): stat() when path is folder + "/" + name, the directory block has
// the name, the inode is no symbolic link and not in core, and all blocks are in the cache; None otherwise, and for
// whatever is broken.
static mp_obj_t near_stat(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_int_t ino;
    const uint8_t *p = near(args, shape_of(args[5]), &ino);
    if (p == NULL || value_of(args[4], MP_OBJ_NEW_SMALL_INT(ino)) != MP_OBJ_NULL) {
        return mp_const_none;
    }
    uint32_t type = ext2c_le32(p) & 0xf000;
    bool used = (ext2c_le32(p) & 0xffff) != 0 && ext2c_le32(p + 24) >> 16 != 0;
    return used && type != 0xa000 ? stat_of(p, MP_OBJ_NEW_SMALL_INT(ino)) : mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ext2c_near_stat_obj, 6, 6, near_stat);

// near_inode(...): the same for the inode of a regular file without extents below 4 GiB, which is put into core; from
// core when it is there.
static mp_obj_t near_inode(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_int_t ino;
    const mp_obj_t *shape = shape_of(args[5]);
    const uint8_t *p = near(args, shape, &ino);
    if (p == NULL) {
        return mp_const_none;
    }
    mp_obj_t key = MP_OBJ_NEW_SMALL_INT(ino);
    mp_obj_t found = value_of(args[4], key);
    if (found != MP_OBJ_NULL) {
        mp_int_t mode = mp_obj_get_int(mp_load_attr(found, MP_QSTR_mode));
        bool used = mp_obj_get_int(mp_load_attr(found, MP_QSTR_links)) != 0;
        return used && (mode & 0xf000) == 0x8000 ? found : mp_const_none;
    }
    if ((ext2c_le32(p) & 0xf000) != 0x8000 || ext2c_le32(p + 24) >> 16 == 0 ||
        (ext2c_le32(p + 32) & EXTENTS) != 0 || ext2c_le32(p + 108) != 0) {
        return mp_const_none;
    }
    found = new_inode(shape[CLS], key, shape[MAP], p, (size_t)mp_obj_get_int(shape[SIZE]));
    mp_obj_dict_store(args[4], key, found);
    return found;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ext2c_near_inode_obj, 6, 6, near_inode);

// kept(core, dirty, room): a dict of those inodes of core that are open or in dirty, with room for so many more.
static mp_obj_t kept(mp_obj_t core, mp_obj_t dirty, mp_obj_t room) {
    mp_map_t *map = mp_obj_dict_get_map(core);
    mp_obj_t out = mp_obj_new_dict(ext2c_index_of(room, 65536));
    for (size_t i = 0; i < map->alloc; i++) {
        if (mp_map_slot_is_filled(map, i)) {
            mp_obj_t key = map->table[i].key;
            mp_obj_t inode = map->table[i].value;
            if (mp_obj_is_true(mp_load_attr(inode, MP_QSTR_opened)) ||
                value_of(dirty, key) != MP_OBJ_NULL) {
                mp_obj_dict_store(out, key, inode);
            }
        }
    }
    return out;
}
MP_DEFINE_CONST_FUN_OBJ_3(ext2c_kept_obj, kept);
