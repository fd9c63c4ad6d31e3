// SPDX-License-Identifier: MIT
// names(): an iterator over directory blocks that were read, one tuple made at a time.

#include "ext2c.h"
#include "modext2c.h"

#include <string.h>

#include "py/objlist.h"
#include "py/objstr.h"
#include "py/objtuple.h"
#include "py/runtime.h"
#include "py/unicode.h"

typedef struct {
    mp_obj_base_t base;
    bool typed;
    size_t block_size;
    mp_obj_t chunks; // list of buffers
    size_t chunk;    // of the one that comes next
    mp_int_t block;  // number of the block that is read, from 0
    size_t off;      // of the next record in it
    const uint8_t *p;
    size_t left; // in the chunk, from p on
    mp_obj_t broken;
    size_t items; // of a tuple: 3, or 4 with the size
    mp_obj_t inodes;
    mp_obj_t window; // of a table: `count` inodes of inode_size bytes, from number `first` on
    const uint8_t *table;
    size_t inode_size;
    mp_uint_t first;
    mp_uint_t count;
} names_t;

static bool is_ascii(const uint8_t *p, size_t len) {
    const uint64_t high = 0x8080808080808080u;
    uint64_t w = 0;
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t eight;
        __builtin_memcpy(&eight, p, 8); // freestanding: memcpy() is a call
        w |= eight;
    }
    uint8_t rest = 0;
    for (size_t i = 0; i < len; i++) {
        rest |= p[i];
    }
    return ((w | rest) & high) == 0;
}

// A name that is not UTF-8 becomes one that is, and that is found under no name: each byte above 127 is U+FFFD.
static mp_obj_t name_of(const uint8_t *name, size_t len) {
    if (!is_ascii(name, len) && !utf8_check(name, len)) {
        vstr_t v;
        vstr_init(&v, 3 * len);
        for (size_t i = 0; i < len; i++) {
            vstr_add_char(&v, name[i] < 128 ? name[i] : 0xfffd);
        }
        return mp_obj_new_str_from_vstr(&v);
    }
    mp_obj_str_t *o = mp_obj_malloc(mp_obj_str_t, &mp_type_str);
    o->len = len;
    o->hash = 0; // whoever needs it computes it
    byte *data = m_new(byte, len + 1);
    o->data = data;
    memcpy(data, name, len);
    data[len] = '\0';
    return MP_OBJ_FROM_PTR(o);
}

// The block that comes next, in self->p; false at the end.
static bool next_block(names_t *self) {
    self->off = 0;
    if (self->p != NULL) {
        self->block++;
        self->p += self->block_size;
        self->left -= self->block_size;
    }
    while (self->left < self->block_size) {
        size_t n;
        mp_obj_t *items;
        mp_obj_list_get(self->chunks, &n, &items);
        if (self->chunk >= n) {
            self->p = NULL;
            self->left = 0;
            return false;
        }
        self->p = ext2c_bytes_of(items[self->chunk++], &self->left);
    }
    return true;
}

static void next_window(names_t *self, uint32_t ino) {
    mp_obj_t *items;
    size_t len;
    mp_obj_get_array_fixed_n(mp_call_function_1(self->inodes, MP_OBJ_NEW_SMALL_INT(ino)), 3,
                             &items);
    self->count = 0;
    self->table = ext2c_bytes_of(items[1], &len);
    self->window = items[1];
    self->first = (mp_uint_t)mp_obj_get_int(items[0]);
    mp_int_t size = mp_obj_get_int(items[2]);
    if (size < 128) {
        mp_raise_ValueError(NULL);
    }
    self->inode_size = (size_t)size;
    self->count = len / self->inode_size;
}

// The size that an inode has, 0 for a directory's as on other file systems; -1 when there is no such inode.
static MP_NOINLINE mp_obj_t size_of(names_t *self, uint32_t ino) {
    if (ino - self->first >= self->count) {
        next_window(self, ino);
        if (ino - self->first >= self->count) {
            return MP_OBJ_NEW_SMALL_INT(-1);
        }
    }
    const uint8_t *p = self->table + (ino - self->first) * self->inode_size;
    bool is_dir = (ext2c_le32(p) & 0xf000) == 0x4000;
    return is_dir ? MP_OBJ_NEW_SMALL_INT(0) : mp_obj_new_int_from_uint(ext2c_size(p));
}

static mp_obj_t names_next(mp_obj_t self_in) {
    static const uint16_t types[] = {0, 0x8000, 0x4000, 0x2000, 0x6000, 0x1000, 0xc000, 0xa000};
    names_t *self = MP_OBJ_TO_PTR(self_in);
    for (;;) {
        if (self->off >= self->block_size || self->p == NULL) {
            if (self->block < 0 || !next_block(self)) {
                return MP_OBJ_STOP_ITERATION;
            }
        }
        ext2c_record_t r;
        if (!ext2c_record(self->p, self->block_size, self->off, &r)) {
            mp_obj_t at = MP_OBJ_NEW_SMALL_INT(self->block);
            self->p = NULL;
            self->block = -1;
            mp_call_function_1(self->broken, at);
            return MP_OBJ_STOP_ITERATION;
        }
        self->off += r.length;
        if (r.inode == 0 || (r.name[0] == '.' &&
                             (r.name_length == 1 || (r.name_length == 2 && r.name[1] == '.')))) {
            continue;
        }
        mp_obj_tuple_t *t = MP_OBJ_TO_PTR(mp_obj_new_tuple(self->items, NULL));
        t->items[0] = name_of(r.name, r.name_length);
        t->items[1] = MP_OBJ_NEW_SMALL_INT(self->typed && r.type < 8 ? types[r.type] : 0);
        t->items[2] = MP_OBJ_NEW_SMALL_INT(r.inode);
        if (self->items == 4) {
            t->items[3] = size_of(self, r.inode);
        }
        return MP_OBJ_FROM_PTR(t);
    }
}

static MP_DEFINE_CONST_OBJ_TYPE(names_type, MP_QSTR_names, MP_TYPE_FLAG_ITER_IS_ITERNEXT, iter,
                                names_next);

// names(chunks, typed, size, broken, inodes): iterator of (name, type, inode), "." and ".." left out.  chunks: a list
// of buffers of whole directory blocks, `size` bytes each, that nobody changes.  broken: called with the number of a
// block, counted from 0, that is broken; nothing comes after that.  inodes: None, or the tuples have the file's size
// as well, and it is called with an inode's number for (number, inodes in their table from that one on, bytes of one).
static mp_obj_t names(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_int_t size = mp_obj_get_int(args[2]);
    if (size < 8 || size > 65536 || !mp_obj_is_type(args[0], &mp_type_list)) {
        mp_raise_ValueError(NULL);
    }
    names_t *self = mp_obj_malloc(names_t, &names_type);
    self->chunks = args[0];
    self->typed = mp_obj_is_true(args[1]);
    self->block_size = (size_t)size;
    self->off = 0;
    self->block = 0;
    self->chunk = 0;
    self->p = NULL;
    self->left = 0;
    self->broken = args[3];
    self->inodes = args[4];
    self->items = self->inodes == mp_const_none ? 3 : 4;
    self->first = self->count = 0;
    return MP_OBJ_FROM_PTR(self);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ext2c_names_obj, 5, 5, names);
