// SPDX-License-Identifier: MIT
// os.sync(): MicroPython's own knows only its FAT; this one asks every file system that has a method sync.

#include "extmod/vfs.h"
#include "extmod/vfs_fat.h"
#include "lib/oofatfs/diskio.h"
#include "lib/oofatfs/ff.h"
#include "py/mperrno.h"
#include "py/runtime.h"

static void sync_one(mp_obj_t fs) {
    if (mp_obj_is_type(fs, &mp_fat_vfs_type)) {
        if (disk_ioctl(MP_OBJ_TO_PTR(fs), CTRL_SYNC, NULL) != RES_OK) {
            mp_raise_OSError(MP_EIO);
        }
        return;
    }
    mp_obj_t method[2];
    mp_load_method_maybe(fs, MP_QSTR_sync, method);
    if (method[0] != MP_OBJ_NULL) {
        mp_call_method_n_kw(0, 0, method);
    }
}

// sync(): one that fails does not keep the others from it; the last failure is raised.
static mp_obj_t os_sync(void) {
    mp_obj_t failure = MP_OBJ_NULL;
    for (mp_vfs_mount_t *vfs = MP_STATE_VM(vfs_mount_table); vfs != NULL; vfs = vfs->next) {
        nlr_buf_t nlr;
        if (nlr_push(&nlr) == 0) {
            sync_one(vfs->obj);
            nlr_pop();
        } else {
            failure = MP_OBJ_FROM_PTR(nlr.ret_val);
        }
    }
    if (failure != MP_OBJ_NULL) {
        nlr_raise(failure);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(os_sync_obj, os_sync);

// In the table of delegations that MicroPython's build makes: the module itself is upstream's.
void os_attr(mp_obj_t self, qstr name, mp_obj_t *dest);
void os_attr(mp_obj_t self, qstr name, mp_obj_t *dest) {
    (void)self;
    if (dest[0] == MP_OBJ_NULL && name == MP_QSTR_sync) {
        dest[0] = MP_OBJ_FROM_PTR(&os_sync_obj);
    }
}
extern const mp_obj_module_t mp_module_os;
MP_REGISTER_MODULE_DELEGATION(mp_module_os, os_attr);
