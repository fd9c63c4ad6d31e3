// SPDX-License-Identifier: MIT
// ahcicmd: the hot path of frozen/blk/ahci*.py: building commands, handing them over, waiting for their ends.  Finding,
// starting and mending controllers is Python's.

#include "ahcicmd.h"

#include "py/mperrno.h"
#include "py/runtime.h"

// Hba(regs)
static mp_obj_t hba_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                             const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    if (!mp_obj_is_type(args[0], &mmio_regs_type)) {
        mp_raise_TypeError(MP_ERROR_TEXT("a mmio.Regs"));
    }
    hba_t *hba = mp_obj_malloc(hba_t, &ahci_hba_type);
    *hba = (hba_t) {
        .base = hba->base,
        .regs = MP_OBJ_TO_PTR(args[0]),
        .notify = mp_const_none,
    };
    if (!hba_used(hba, true)) {
        mp_raise_OSError(MP_ENOMEM);
    }
    return MP_OBJ_FROM_PTR(hba);
}

static void hba_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    hba_t *hba = MP_OBJ_TO_PTR(self_in);
    bool store = dest[0] == MP_OBJ_SENTINEL && dest[1] != MP_OBJ_NULL;
    if (store && attr == MP_QSTR_notify) {
        hba->notify = dest[1];
        dest[0] = MP_OBJ_NULL;
    } else if (store && attr == MP_QSTR_irq) {
        hba->irq = mp_obj_is_true(dest[1]);
        dest[0] = MP_OBJ_NULL;
    } else if (store && attr == MP_QSTR_plugged) {
        hba->plugged = (uint32_t)mp_obj_get_int_truncated(dest[1]);
        dest[0] = MP_OBJ_NULL;
    } else if (dest[0] == MP_OBJ_NULL) {
        if (attr == MP_QSTR_plugged) {
            dest[0] = mp_obj_new_int_from_uint(hba->plugged);
        } else if (attr == MP_QSTR_irq) {
            dest[0] = mp_obj_new_bool(hba->irq);
        } else if (attr == MP_QSTR_irqs) {
            dest[0] = mp_obj_new_int_from_uint(hba->irqs);
        } else if (attr == MP_QSTR_missing) {
            dest[0] = mp_obj_new_int_from_uint(hba->missing);
        } else {
            dest[1] = MP_OBJ_SENTINEL; // look in the locals
        }
    }
}

static mp_obj_t hba_close(mp_obj_t self_in) {
    hba_used(MP_OBJ_TO_PTR(self_in), false);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(hba_close_obj, hba_close);

extern const mp_obj_fun_builtin_fixed_t ahci_hba_interrupt_obj;

static const mp_rom_map_elem_t hba_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_interrupt), MP_ROM_PTR(&ahci_hba_interrupt_obj)},
    {MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&hba_close_obj)},
};
static MP_DEFINE_CONST_DICT(hba_locals, hba_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    ahci_hba_type,
    MP_QSTR_Hba,
    MP_TYPE_FLAG_NONE,
    make_new, hba_make_new,
    attr, hba_attr,
    locals_dict, &hba_locals
    );

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_ahcicmd)},
    {MP_ROM_QSTR(MP_QSTR_Hba), MP_ROM_PTR(&ahci_hba_type)},
    {MP_ROM_QSTR(MP_QSTR_Port), MP_ROM_PTR(&ahci_port_type)},
    {MP_ROM_QSTR(MP_QSTR_WRITE), MP_ROM_INT(FIS_WRITE)},
    {MP_ROM_QSTR(MP_QSTR_FUA), MP_ROM_INT(FIS_FUA)},
    {MP_ROM_QSTR(MP_QSTR_LBA48), MP_ROM_INT(FIS_LBA48)},
    {MP_ROM_QSTR(MP_QSTR_ATAPI), MP_ROM_INT(FIS_ATAPI)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_ahcicmd = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_ahcicmd, mod_ahcicmd);
