// SPDX-License-Identifier: MIT
// Python objects of what C modules tell.

#ifndef PYRALLAX_MODULES_PYOBJ_H
#define PYRALLAX_MODULES_PYOBJ_H

#include <string.h>

#include "py/obj.h"

static inline mp_obj_t pyobj_uint(uint64_t v) {
    return mp_obj_new_int_from_uint(v);
}

static inline mp_obj_t pyobj_text(const char *s) {
    return mp_obj_new_str(s, strlen(s));
}

static inline mp_obj_t pyobj_pair(uint64_t a, uint64_t b) {
    mp_obj_t items[2] = {pyobj_uint(a), pyobj_uint(b)};
    return mp_obj_new_tuple(2, items);
}

static inline void pyobj_store(mp_obj_t dict, qstr key, mp_obj_t value) {
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(key), value);
}

#endif
