// SPDX-License-Identifier: MIT
// loaderc: what of the serial loader (frozen/system/loader*.py) goes byte by byte.

#include <string.h>

#include "md5.h"
#include "py/obj.h"
#include "py/runtime.h"
#include "py/stream.h"

typedef struct {
    mp_obj_base_t base;
    md5_t sum;
} md5_obj_t;

// md5(): a sum; update(buf), digest() -> 16 bytes.
static mp_obj_t md5_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                             const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    md5_obj_t *self = mp_obj_malloc(md5_obj_t, type);
    md5_init(&self->sum);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t md5_update_(mp_obj_t self_in, mp_obj_t data) {
    md5_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_buffer_info_t buf;
    mp_get_buffer_raise(data, &buf, MP_BUFFER_READ);
    md5_update(&self->sum, buf.buf, buf.len);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(md5_update_obj, md5_update_);

static mp_obj_t md5_digest_(mp_obj_t self_in) {
    md5_obj_t *self = MP_OBJ_TO_PTR(self_in);
    uint8_t sum[MD5_LEN];
    md5_digest(&self->sum, sum);
    return mp_obj_new_bytes(sum, MD5_LEN);
}
static MP_DEFINE_CONST_FUN_OBJ_1(md5_digest_obj, md5_digest_);

static const mp_rom_map_elem_t md5_table[] = {
    {MP_ROM_QSTR(MP_QSTR_update), MP_ROM_PTR(&md5_update_obj)},
    {MP_ROM_QSTR(MP_QSTR_digest), MP_ROM_PTR(&md5_digest_obj)},
};
static MP_DEFINE_CONST_DICT(md5_locals, md5_table);

static MP_DEFINE_CONST_OBJ_TYPE(md5_type, MP_QSTR_md5, MP_TYPE_FLAG_NONE, make_new, md5_make_new,
                                locals_dict, &md5_locals);

// Feed(more): a stream over pieces.  more() -> the next one, empty at the end.  `deflate` asks for a byte at a time,
// which a stream in Python answers 100 times slower.
typedef struct {
    mp_obj_base_t base;
    mp_obj_t more;
    mp_obj_t piece; // keeps data alive
    const byte *data;
    size_t left;
} feed_t;

static mp_obj_t feed_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                              const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    feed_t *self = mp_obj_malloc(feed_t, type);
    self->more = args[0];
    self->piece = mp_const_none;
    self->data = NULL;
    self->left = 0;
    return MP_OBJ_FROM_PTR(self);
}

static mp_uint_t feed_read(mp_obj_t self_in, void *buf, mp_uint_t size, int *errcode) {
    (void)errcode;
    feed_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->left == 0 && size != 0) {
        mp_buffer_info_t info;
        self->piece = mp_call_function_0(self->more);
        mp_get_buffer_raise(self->piece, &info, MP_BUFFER_READ);
        self->data = info.buf;
        self->left = info.len;
    }
    size_t n = size < self->left ? size : self->left;
    memcpy(buf, self->data, n);
    self->data += n;
    self->left -= n;
    return n;
}

static mp_uint_t feed_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *errcode) {
    (void)self_in;
    (void)request;
    (void)arg;
    (void)errcode;
    return 0;
}

static const mp_stream_p_t feed_stream = {.read = feed_read, .ioctl = feed_ioctl};

static const mp_rom_map_elem_t feed_table[] = {
    {MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&mp_stream_read_obj)},
};
static MP_DEFINE_CONST_DICT(feed_locals, feed_table);

static MP_DEFINE_CONST_OBJ_TYPE(feed_type, MP_QSTR_Feed, MP_TYPE_FLAG_NONE, make_new,
                                feed_make_new, protocol, &feed_stream, locals_dict, &feed_locals);

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_loaderc)},
    {MP_ROM_QSTR(MP_QSTR_md5), MP_ROM_PTR(&md5_type)},
    {MP_ROM_QSTR(MP_QSTR_Feed), MP_ROM_PTR(&feed_type)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_loaderc = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_loaderc, mod_loaderc);
