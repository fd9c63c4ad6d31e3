// SPDX-License-Identifier: MIT
// What the files of the module share that MicroPython's objects are needed for.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "py/obj.h"

// The bytes of any buffer, or TypeError.
const uint8_t *ext2c_bytes_of(mp_obj_t obj, size_t *len);
// An index that lies in [0, limit], or IndexError.
size_t ext2c_index_of(mp_obj_t obj, size_t limit);

// The name when path is folder + "/" + name, and its length; NULL otherwise, and for odd names.
const char *ext2c_below(mp_obj_t path, mp_obj_t folder, size_t *len);

extern const mp_obj_fun_builtin_fixed_t ext2c_kept_obj;
extern const mp_obj_fun_builtin_fixed_t ext2c_stat_obj;
extern const mp_obj_fun_builtin_var_t ext2c_near_inode_obj;
extern const mp_obj_fun_builtin_var_t ext2c_near_stat_obj;
extern const mp_obj_fun_builtin_var_t ext2c_inode_obj;
extern const mp_obj_fun_builtin_var_t ext2c_make_obj;
extern const mp_obj_fun_builtin_var_t ext2c_names_obj;
