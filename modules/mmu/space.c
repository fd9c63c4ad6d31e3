// SPDX-License-Identifier: MIT
// mmu.Space: an address space of Python's own.

#include "mmuspace.h"

#include "irq.h"
#include "modmmu.h"
#include "mmu.h"
#include "postmortem.h"
#include "py/mperrno.h"
#include "py/runtime.h"

typedef struct {
    mp_obj_base_t base;
    mmu_space_t s;
} space_t;

// The current Space: the CPU translates with its tables, whether or not Python still refers to it.
MP_REGISTER_ROOT_POINTER(mp_obj_t mmu_current_space);

mp_obj_t mmu_current(void) {
    return mmu_space_current() == NULL ? mp_const_none : MP_STATE_VM(mmu_current_space);
}

// ASIDs and the memory of tables are the thread's, which may be in the middle of a change.
static void check_context(void) {
    if (irq_depth != 0) {
        mp_raise_OSError(MP_EPERM);
    }
}

static void switch_to(mp_obj_t space) {
    postmortem_check_write();
    check_context();
    mmu_space_switch(space == mp_const_none ? NULL : &((space_t *)MP_OBJ_TO_PTR(space))->s);
    MP_STATE_VM(mmu_current_space) = space;
}

static space_t *opened(mp_obj_t self_in) {
    space_t *self = MP_OBJ_TO_PTR(self_in);
    if (!mmu_space_is_open(&self->s)) {
        mp_raise_OSError(MP_EBADF);
    }
    return self;
}

static mp_obj_t space_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                               const mp_obj_t *args) {
    postmortem_check_write();
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    space_t *self = mp_obj_malloc_with_finaliser(space_t, type);
    self->s.root = NULL; // the finaliser may come before the next line is done
    if (!mmu_space_open(&self->s)) {
        mp_raise_msg(&mp_type_MemoryError, MP_ERROR_TEXT("no memory for translation tables"));
    }
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t space_map(size_t n_args, const mp_obj_t *args, mp_map_t *kw) {
    return mmu_edit_map(opened(args[0])->s.root, true, n_args - 1, args + 1, kw);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(space_map_obj, 4, space_map);

static mp_obj_t space_unmap(mp_obj_t self_in, mp_obj_t va, mp_obj_t size) {
    return mmu_edit_unmap(opened(self_in)->s.root, true, va, size);
}
static MP_DEFINE_CONST_FUN_OBJ_3(space_unmap_obj, space_unmap);

static mp_obj_t space_protect(size_t n_args, const mp_obj_t *args, mp_map_t *kw) {
    return mmu_edit_protect(opened(args[0])->s.root, true, n_args - 1, args + 1, kw);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(space_protect_obj, 3, space_protect);

static mp_obj_t space_translate(mp_obj_t self_in, mp_obj_t va) {
    space_t *self = opened(self_in);
    return mmu_view_translate(self->s.root, (uint64_t)mp_obj_get_int_truncated(va),
                              mmu_space_current() == &self->s);
}
static MP_DEFINE_CONST_FUN_OBJ_2(space_translate_obj, space_translate);

static mp_obj_t space_walk(mp_obj_t self_in, mp_obj_t va) {
    return mmu_view_walk(opened(self_in)->s.root, (uint64_t)mp_obj_get_int_truncated(va));
}
static MP_DEFINE_CONST_FUN_OBJ_2(space_walk_obj, space_walk);

static mp_obj_t space_regions(mp_obj_t self_in) {
    return mmu_view_regions(opened(self_in)->s.root);
}
static MP_DEFINE_CONST_FUN_OBJ_1(space_regions_obj, space_regions);

static mp_obj_t space_switch(mp_obj_t self_in) {
    opened(self_in);
    switch_to(self_in);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(space_switch_obj, space_switch);

static mp_obj_t space_close(mp_obj_t self_in) {
    space_t *self = MP_OBJ_TO_PTR(self_in);
    check_context();
    mmu_space_close(&self->s);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(space_close_obj, space_close);

static mp_obj_t space_exit(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    return space_close(args[0]);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(space_exit_obj, 4, 4, space_exit);

static void space_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    space_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    bool open = mmu_space_is_open(&self->s);
    if (attr == MP_QSTR_asid) {
        unsigned asid = open ? mmu_space_asid(&self->s) : 0;
        dest[0] = asid == 0 ? mp_const_none : MP_OBJ_NEW_SMALL_INT(asid);
    } else if (attr == MP_QSTR_root) {
        dest[0] = open ? mp_obj_new_int_from_uint((uintptr_t)self->s.root) : mp_const_none;
    } else {
        dest[1] = MP_OBJ_SENTINEL; // look in the locals
    }
}

static void space_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    space_t *self = MP_OBJ_TO_PTR(self_in);
    if (!mmu_space_is_open(&self->s)) {
        mp_printf(print, "<mmu.Space, closed>");
    } else {
        mp_printf(print, "<mmu.Space, tables at 0x%lx, ASID %u%s>", (unsigned long)self->s.root,
                  mmu_space_asid(&self->s), mmu_space_current() == &self->s ? ", current" : "");
    }
}

// switch(space=None): use the tables of a Space, or the kernel's.
static mp_obj_t mmu_switch(size_t n_args, const mp_obj_t *args) {
    mp_obj_t space = n_args > 0 ? args[0] : mp_const_none;
    if (space != mp_const_none) {
        if (!mp_obj_is_type(space, &mmu_space_type)) {
            mp_raise_TypeError(MP_ERROR_TEXT("a Space or None"));
        }
        opened(space);
    }
    switch_to(space);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(mmu_switch_obj, 0, 1, mmu_switch);

static const mp_rom_map_elem_t space_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_map), MP_ROM_PTR(&space_map_obj)},
    {MP_ROM_QSTR(MP_QSTR_unmap), MP_ROM_PTR(&space_unmap_obj)},
    {MP_ROM_QSTR(MP_QSTR_protect), MP_ROM_PTR(&space_protect_obj)},
    {MP_ROM_QSTR(MP_QSTR_translate), MP_ROM_PTR(&space_translate_obj)},
    {MP_ROM_QSTR(MP_QSTR_walk), MP_ROM_PTR(&space_walk_obj)},
    {MP_ROM_QSTR(MP_QSTR_regions), MP_ROM_PTR(&space_regions_obj)},
    {MP_ROM_QSTR(MP_QSTR_switch), MP_ROM_PTR(&space_switch_obj)},
    {MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&space_close_obj)},
    {MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&space_close_obj)},
    {MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&mp_identity_obj)},
    {MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&space_exit_obj)},
};
static MP_DEFINE_CONST_DICT(space_locals, space_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    mmu_space_type,
    MP_QSTR_Space,
    MP_TYPE_FLAG_NONE,
    make_new, space_make_new,
    print, space_print,
    attr, space_attr,
    locals_dict, &space_locals
    );
