// SPDX-License-Identifier: MIT
// mmu: translation tables and TLB from Python.  The module's functions work on what this CPU translates with now:
// the current Space's tables below the high half, the kernel's without one.

#include "modmmu.h"

#include <string.h>

#include "boot/pagetables.h"
#include "boot/ptdesc.h"
#include "hw.h"
#include "mem.h"
#include "mmu.h"
#include "mmuspace.h"
#include "mmutables.h"
#include "postmortem.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "tlb.h"

static uint64_t address(mp_obj_t o) {
    return (uint64_t)mp_obj_get_int_truncated(o);
}

static uint64_t *root_now(void) {
    mmu_space_t *s = mmu_space_current();
    return s == NULL ? mmu_kernel_root() : s->root;
}

static void check(int r, const char *why) {
    if (r == -MP_EINVAL) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%s"), why);
    }
    if (r == -MP_ENOMEM) {
        mp_raise_msg_varg(&mp_type_MemoryError, MP_ERROR_TEXT("%s"), why);
    }
    if (r != 0 && gc_is_locked()) { // a hard handler
        mp_raise_OSError(-r);
    }
    if (r != 0) {
        mp_obj_t args[2] = {MP_OBJ_NEW_SMALL_INT(-r), mp_obj_new_str(why, strlen(why))};
        nlr_raise(mp_obj_new_exception_args(&mp_type_OSError, 2, args));
    }
}

static void check_own(bool own, uint64_t va) {
    if (own && (va < MMU_SPACES || va >= MMU_HIGH)) {
        mp_raise_ValueError(MP_ERROR_TEXT("a space's own addresses are 1 TiB to 256 TiB"));
    }
}

static unsigned memory_type(mp_obj_t o) {
    static const struct {
        qstr_short_t name;
        uint8_t mt;
    } types[] = {
        {MP_QSTR_NORMAL, MT_NORMAL},
        {MP_QSTR_NC, MT_NC},
        {MP_QSTR_DEVICE, MT_DEVICE},
        {MP_QSTR_DEVICE_RE, MT_DEVICE_RE},
    };
    qstr name = mp_obj_is_str(o) ? mp_obj_str_get_qstr(o) : MP_QSTRnull;
    for (unsigned i = 0; i < MP_ARRAY_SIZE(types); i++) {
        if (types[i].name == name) {
            return types[i].mt;
        }
    }
    mp_raise_ValueError(MP_ERROR_TEXT("type: NORMAL, NC, DEVICE or DEVICE_RE"));
}

static void check_wx(bool write, bool execute) {
    if (write && execute) {
        mp_raise_ValueError(MP_ERROR_TEXT("nothing is writable and executable at once"));
    }
}

enum { ARG_va, ARG_pa, ARG_size, ARG_type, ARG_write, ARG_execute, ARG_user };

// map(va, pa, size, *, type=NORMAL, write=True, execute=False, user=False)
mp_obj_t mmu_edit_map(uint64_t *root, bool own, size_t n, const mp_obj_t *pos, mp_map_t *kw) {
    postmortem_check_write();
    static const mp_arg_t allowed[] = {
        {MP_QSTR_va, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_pa, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_size, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_type, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_QSTR(MP_QSTR_NORMAL)}},
        {MP_QSTR_write, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_execute, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
        {MP_QSTR_user, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n, pos, kw, MP_ARRAY_SIZE(allowed), allowed, a);
    uint64_t va = address(a[ARG_va].u_obj);
    bool execute = a[ARG_execute].u_bool;
    bool write =
        a[ARG_write].u_obj == mp_const_none ? !execute : mp_obj_is_true(a[ARG_write].u_obj);
    unsigned mt = memory_type(a[ARG_type].u_obj);
    check_own(own, va);
    check_wx(write, execute);
    unsigned flags = (write ? PT_W : 0) | (execute ? PT_X : 0) | (a[ARG_user].u_bool ? PT_USER : 0);
    const char *why;
    int r =
        mmu_map(root, va, address(a[ARG_pa].u_obj), address(a[ARG_size].u_obj), mt, flags, &why);
    check(r, why);
    return mp_const_none;
}

mp_obj_t mmu_edit_unmap(uint64_t *root, bool own, mp_obj_t va, mp_obj_t size) {
    postmortem_check_write();
    const char *why;
    check_own(own, address(va));
    int r = mmu_unmap(root, address(va), address(size), &why);
    check(r, why);
    return mp_const_none;
}

// protect(va, size, *, type=None, write=None, execute=None, user=None): None leaves it as it is.
mp_obj_t mmu_edit_protect(uint64_t *root, bool own, size_t n, const mp_obj_t *pos, mp_map_t *kw) {
    postmortem_check_write();
    static const mp_arg_t allowed[] = {
        {MP_QSTR_va, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_size, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_type, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_write, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_execute, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_user, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n, pos, kw, MP_ARRAY_SIZE(allowed), allowed, a);
    mp_obj_t type = a[2].u_obj, write = a[3].u_obj, execute = a[4].u_obj, user = a[5].u_obj;
    uint64_t va = address(a[0].u_obj), clear = 0, set = 0;
    check_own(own, va);
    check_wx(mp_obj_is_true(write), mp_obj_is_true(execute));
    if (type != mp_const_none) {
        unsigned mt = memory_type(type);
        clear |= DESC_ATTR(7) | DESC_SH_INNER;
        set |= pt_leaf_bits(mt, 0) & (DESC_ATTR(7) | DESC_SH_INNER);
    }
    if (write != mp_const_none) {
        *(mp_obj_is_true(write) ? &clear : &set) |= DESC_AP_RO;
    }
    if (user != mp_const_none) {
        *(mp_obj_is_true(user) ? &set : &clear) |= DESC_AP_USER;
    }
    // EL1 never executes what EL0 can, and without user= it is not known here whose page it is: execute wants both.
    if (execute != mp_const_none) {
        if (mp_obj_is_true(execute) && user == mp_const_none) {
            mp_raise_ValueError(MP_ERROR_TEXT("execute=True needs user="));
        }
        clear |= DESC_PXN | DESC_UXN;
        set |= DESC_PXN | DESC_UXN;
        if (mp_obj_is_true(execute)) {
            set &= ~(mp_obj_is_true(user) ? DESC_UXN : DESC_PXN);
        }
    }
    const char *why;
    int r = mmu_protect(root, va, address(a[1].u_obj), clear & ~set, set, &why);
    check(r, why);
    return mp_const_none;
}

static mp_obj_t mod_map(size_t n_args, const mp_obj_t *args, mp_map_t *kw) {
    return mmu_edit_map(root_now(), false, n_args, args, kw);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(mod_map_obj, 3, mod_map);

static mp_obj_t mod_unmap(mp_obj_t va, mp_obj_t size) {
    return mmu_edit_unmap(root_now(), false, va, size);
}
static MP_DEFINE_CONST_FUN_OBJ_2(mod_unmap_obj, mod_unmap);

static mp_obj_t mod_protect(size_t n_args, const mp_obj_t *args, mp_map_t *kw) {
    return mmu_edit_protect(root_now(), false, n_args, args, kw);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(mod_protect_obj, 2, mod_protect);

static mp_obj_t mod_translate(mp_obj_t va) {
    return mmu_view_translate(root_now(), address(va), true);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mod_translate_obj, mod_translate);

static mp_obj_t mod_walk(mp_obj_t va) {
    return mmu_view_walk(root_now(), address(va));
}
static MP_DEFINE_CONST_FUN_OBJ_1(mod_walk_obj, mod_walk);

static mp_obj_t mod_regions(void) {
    return mmu_view_regions(root_now());
}
static MP_DEFINE_CONST_FUN_OBJ_0(mod_regions_obj, mod_regions);

static mp_obj_t mod_current(void) {
    return mmu_current();
}
static MP_DEFINE_CONST_FUN_OBJ_0(mod_current_obj, mod_current);

static unsigned asid_of(mp_obj_t o) {
    mp_int_t asid = mp_obj_get_int(o);
    if (asid < 0 || asid >= (mp_int_t)mmu_asid_count()) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("this CPU's ASIDs are 0 to %u"),
                          mmu_asid_count() - 1);
    }
    return (unsigned)asid;
}

static mp_obj_t flush_va(size_t n_args, const mp_obj_t *args) {
    if (n_args == 1) {
        tlb_flush_va(address(args[0]));
    } else {
        tlb_flush_va_asid(address(args[0]), asid_of(args[1]));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flush_va_obj, 1, 2, flush_va);

static mp_obj_t flush_asid(mp_obj_t asid) {
    tlb_flush_asid(asid_of(asid));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(flush_asid_obj, flush_asid);

static mp_obj_t flush_all(void) {
    tlb_flush_all();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(flush_all_obj, flush_all);

// flush(va=None, asid=None): the narrowest of the above.
static mp_obj_t flush(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    static const mp_arg_t allowed[] = {
        {MP_QSTR_va, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_asid, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos, kw, MP_ARRAY_SIZE(allowed), allowed, a);
    mp_obj_t both[2] = {a[0].u_obj, a[1].u_obj};
    if (both[0] != mp_const_none) {
        return flush_va(both[1] != mp_const_none ? 2 : 1, both);
    }
    return both[1] != mp_const_none ? flush_asid(both[1]) : flush_all();
}
static MP_DEFINE_CONST_FUN_OBJ_KW(flush_obj, 0, flush);

// stats() -> (tables made since the boot, ASIDs of this CPU)
static mp_obj_t stats(void) {
    static const qstr fields[] = {MP_QSTR_tables, MP_QSTR_asids};
    mp_obj_t items[] = {
        MP_OBJ_NEW_SMALL_INT(mmutables_used()),
        MP_OBJ_NEW_SMALL_INT(mmu_asid_count()),
    };
    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(stats_obj, stats);

MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(mmu_switch_obj);

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_mmu)},
    {MP_ROM_QSTR(MP_QSTR_translate), MP_ROM_PTR(&mod_translate_obj)},
    {MP_ROM_QSTR(MP_QSTR_walk), MP_ROM_PTR(&mod_walk_obj)},
    {MP_ROM_QSTR(MP_QSTR_regions), MP_ROM_PTR(&mod_regions_obj)},
    {MP_ROM_QSTR(MP_QSTR_map), MP_ROM_PTR(&mod_map_obj)},
    {MP_ROM_QSTR(MP_QSTR_unmap), MP_ROM_PTR(&mod_unmap_obj)},
    {MP_ROM_QSTR(MP_QSTR_protect), MP_ROM_PTR(&mod_protect_obj)},
    {MP_ROM_QSTR(MP_QSTR_flush), MP_ROM_PTR(&flush_obj)},
    {MP_ROM_QSTR(MP_QSTR_flush_va), MP_ROM_PTR(&flush_va_obj)},
    {MP_ROM_QSTR(MP_QSTR_flush_asid), MP_ROM_PTR(&flush_asid_obj)},
    {MP_ROM_QSTR(MP_QSTR_flush_all), MP_ROM_PTR(&flush_all_obj)},
    {MP_ROM_QSTR(MP_QSTR_Space), MP_ROM_PTR(&mmu_space_type)},
    {MP_ROM_QSTR(MP_QSTR_current), MP_ROM_PTR(&mod_current_obj)},
    {MP_ROM_QSTR(MP_QSTR_switch), MP_ROM_PTR(&mmu_switch_obj)},
    {MP_ROM_QSTR(MP_QSTR_stats), MP_ROM_PTR(&stats_obj)},
    {MP_ROM_QSTR(MP_QSTR_selftest), MP_ROM_PTR(&mmu_selftest_obj)},
    {MP_ROM_QSTR(MP_QSTR_NORMAL), MP_ROM_QSTR(MP_QSTR_NORMAL)},
    {MP_ROM_QSTR(MP_QSTR_NC), MP_ROM_QSTR(MP_QSTR_NC)},
    {MP_ROM_QSTR(MP_QSTR_DEVICE), MP_ROM_QSTR(MP_QSTR_DEVICE)},
    {MP_ROM_QSTR(MP_QSTR_DEVICE_RE), MP_ROM_QSTR(MP_QSTR_DEVICE_RE)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_mmu = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_mmu, mod_mmu);
