// SPDX-License-Identifier: MIT
// mmu: translations shown.

#include "boot/ptdesc.h"
#include "io.h"
#include "mmu.h"
#include "modmmu.h"
#include "ptwalk.h"
#include "py/objstr.h"
#include "py/runtime.h"

#define SCTLR_WXN (1ull << 19)
#define PAR_F (1ull << 0)

static mp_obj_t text(const char *s) {
    return MP_OBJ_NEW_QSTR(qstr_from_str(s));
}

// A byte of MAIR_EL1, or PAR_EL1.ATTR (Arm ARM D17.2.97): the names that mmu.map takes, else the byte.
static mp_obj_t type_name(unsigned attr) {
    switch (attr) {
        case 0x00:
            return MP_OBJ_NEW_QSTR(MP_QSTR_DEVICE);
        case 0x04:
            return MP_OBJ_NEW_QSTR(MP_QSTR_DEVICE_RE);
        case 0x44:
            return MP_OBJ_NEW_QSTR(MP_QSTR_NC);
        case 0xff:
            return MP_OBJ_NEW_QSTR(MP_QSTR_NORMAL);
        default: {
            const char *digits = "0123456789abcdef";
            char s[] = {'0', 'x', digits[attr >> 4 & 15], digits[attr & 15], 0};
            return text(s);
        }
    }
}

static mp_obj_t type_of(uint64_t desc) {
    return type_name(sysreg_read(mair_el1) >> 8 * DESC_ATTR_OF(desc) & 0xff);
}

typedef struct {
    bool r, w, x;
} rights_t;

static mp_obj_t rights_text(rights_t r, bool with_x) {
    char s[] = {r.r ? 'r' : '-', r.w ? 'w' : '-', r.x ? 'x' : '-'};
    // Not interned: looking for the string costs more than the walk.
    return mp_obj_new_str_copy(&mp_type_str, (const byte *)s, with_x ? 3 : 2);
}

// Arm ARM D8.4: what EL1 (kernel) or EL0 may do with a leaf.
static rights_t rights(uint64_t desc, bool kernel) {
    bool user = (desc & DESC_AP_USER) != 0, writable = (desc & DESC_AP_RO) == 0;
    bool wxn = (sysreg_read(sctlr_el1) & SCTLR_WXN) != 0;
    rights_t r;
    r.r = kernel || user;
    r.w = r.r && writable;
    r.x = (desc & (kernel ? DESC_PXN : DESC_UXN)) == 0 && !(wxn && r.w) &&
          !(kernel && user && writable);
    return r;
}

static const uint64_t *root_for(const uint64_t *root, uint64_t va) {
    return va >= MMU_HIGH ? mmu_high_root() : root;
}

mp_obj_t mmu_view_walk(const uint64_t *root, uint64_t va) {
    static const qstr fields[] = {
        MP_QSTR_level, MP_QSTR_entry, MP_QSTR_raw, MP_QSTR_kind,       MP_QSTR_pa,
        MP_QSTR_attr,  MP_QSTR_type,  MP_QSTR_ap,  MP_QSTR_sh,         MP_QSTR_af,
        MP_QSTR_ng,    MP_QSTR_pxn,   MP_QSTR_uxn, MP_QSTR_contiguous,
    };
    static const qstr share[] = {MP_QSTR_none, MP_QSTR_reserved, MP_QSTR_outer, MP_QSTR_inner};
    ptstep_t steps[4];
    int n = ptwalk(root_for(root, va), va, steps);
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (int level = 0; level < n; level++) {
        uint64_t d = steps[level].desc;
        bool valid = (d & DESC_VALID) != 0, table = desc_is_table(d, level);
        mp_obj_t items[MP_ARRAY_SIZE(fields)];
        for (unsigned i = 0; i < MP_ARRAY_SIZE(items); i++) {
            items[i] = mp_const_none;
        }
        items[0] = MP_OBJ_NEW_SMALL_INT(level);
        items[1] = mp_obj_new_int_from_uint((uintptr_t)steps[level].entry);
        items[2] = mp_obj_new_int_from_uint(d);
        items[3] = MP_OBJ_NEW_QSTR(!valid     ? MP_QSTR_invalid :
                                   table      ? MP_QSTR_table :
                                   level == 3 ? MP_QSTR_page :
                                                MP_QSTR_block);
        if (valid) {
            items[4] = mp_obj_new_int_from_uint(d & DESC_ADDR);
        }
        if (valid && !table) {
            items[5] = MP_OBJ_NEW_SMALL_INT(DESC_ATTR_OF(d));
            items[6] = type_of(d);
            items[7] = MP_OBJ_NEW_SMALL_INT(d >> 6 & 3);
            items[8] = MP_OBJ_NEW_QSTR(share[d >> 8 & 3]);
            items[9] = mp_obj_new_bool((d & DESC_AF) != 0);
            items[10] = mp_obj_new_bool((d & DESC_NG) != 0);
            items[11] = mp_obj_new_bool((d & DESC_PXN) != 0);
            items[12] = mp_obj_new_bool((d & DESC_UXN) != 0);
            items[13] = mp_obj_new_bool((d & DESC_CONTIGUOUS) != 0);
        }
        mp_obj_list_append(list, mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items));
    }
    return list;
}

// What the CPU itself says: PAR_EL1 after AT (Arm ARM D8.13).
#define ASK(what)                                                                                  \
    ({                                                                                             \
        __asm__ volatile("at " what ", %0" : : "r"(va) : "memory");                                \
        isb(); /* AT before the read of its result */                                              \
        sysreg_read(par_el1);                                                                      \
    })

mp_obj_t mmu_view_translate(const uint64_t *root, uint64_t va, bool live) {
    static const qstr fields[] = {
        MP_QSTR_pa,    MP_QSTR_type,    MP_QSTR_level,     MP_QSTR_kernel,  MP_QSTR_user,
        MP_QSTR_at_pa, MP_QSTR_at_type, MP_QSTR_at_kernel, MP_QSTR_at_user, MP_QSTR_agree,
    };
    ptstep_t steps[4];
    int level = ptwalk(root_for(root, va), va, steps) - 1;
    uint64_t desc = level < 0 ? 0 : ptwalk_leaf(steps, level + 1), pa = 0;
    bool found = (desc & DESC_VALID) != 0, at_found = false, agree = false;
    rights_t kernel = {0}, user = {0};
    mp_obj_t items[MP_ARRAY_SIZE(fields)];
    for (unsigned i = 0; i < MP_ARRAY_SIZE(items); i++) {
        items[i] = mp_const_none;
    }
    if (found) {
        kernel = rights(desc, true);
        user = rights(desc, false);
        pa = (desc & DESC_ADDR) | (va & (PT_LEVEL_SIZE(level) - 1));
        items[0] = mp_obj_new_int_from_uint(pa);
        items[1] = type_of(desc);
        items[2] = MP_OBJ_NEW_SMALL_INT(level);
        items[3] = rights_text(kernel, true);
        items[4] = rights_text(user, true);
    }
    if (live) {
        uint64_t state = irq_save(); // a handler may ask, too
        uint64_t k_r = ASK("s1e1r"), k_w = ASK("s1e1w"), u_r = ASK("s1e0r"), u_w = ASK("s1e0w");
        irq_restore(state);
        rights_t at_kernel = {!(k_r & PAR_F), !(k_w & PAR_F), false};
        rights_t at_user = {!(u_r & PAR_F), !(u_w & PAR_F), false};
        at_found = at_kernel.r;
        uint64_t at_pa = (k_r & DESC_ADDR) | (va & 0xfff);
        if (at_found) {
            items[5] = mp_obj_new_int_from_uint(at_pa);
            items[6] = type_name(k_r >> 56);
            items[7] = rights_text(at_kernel, false);
            items[8] = rights_text(at_user, false);
        }
        agree = at_found == found &&
                (!found || (at_pa == pa && items[1] == items[6] && at_kernel.w == kernel.w &&
                            at_user.r == user.r && at_user.w == user.w));
        items[9] = mp_obj_new_bool(agree);
    }
    if (!found && !at_found) {
        return mp_const_none;
    }
    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items);
}

mp_obj_t mmu_view_regions(const uint64_t *root) {
    static const qstr fields[] = {
        MP_QSTR_va,     MP_QSTR_size, MP_QSTR_pa,      MP_QSTR_type,
        MP_QSTR_kernel, MP_QSTR_user, MP_QSTR_global_,
    };
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (int half = 0; half < 2; half++) {
        uint64_t base = half != 0 ? MMU_HIGH : 0;
        ptregion_t r = {.va = base};
        while (ptwalk_region(root_for(root, base), base, r.va + r.size, &r)) {
            mp_obj_t items[] = {
                mp_obj_new_int_from_uint(r.va),           mp_obj_new_int_from_uint(r.size),
                mp_obj_new_int_from_uint(r.pa),           type_of(r.bits),
                rights_text(rights(r.bits, true), true),  rights_text(rights(r.bits, false), true),
                mp_obj_new_bool((r.bits & DESC_NG) == 0),
            };
            mp_obj_list_append(list, mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items));
            if (r.va + r.size == 0) {
                break; // up to the last byte of the high half
            }
        }
    }
    return list;
}
