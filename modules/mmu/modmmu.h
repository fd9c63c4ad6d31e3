// SPDX-License-Identifier: MIT
// mmu: what its files share.

#ifndef PYRALLAX_MODMMU_H
#define PYRALLAX_MODMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "py/obj.h"

// view.c.  root: a TTBR0 table; live: the one in use, so that the CPU can be asked, too.
mp_obj_t mmu_view_walk(const uint64_t *root, uint64_t va);
mp_obj_t mmu_view_translate(const uint64_t *root, uint64_t va, bool live);
mp_obj_t mmu_view_regions(const uint64_t *root);

// modmmu.c.  Arguments as of mmu.map, unmap, protect, without the object.  own: only addresses that a space has for itself.
mp_obj_t mmu_edit_map(uint64_t *root, bool own, size_t n, const mp_obj_t *args, mp_map_t *kw);
mp_obj_t mmu_edit_unmap(uint64_t *root, bool own, mp_obj_t va, mp_obj_t size);
mp_obj_t mmu_edit_protect(uint64_t *root, bool own, size_t n, const mp_obj_t *args, mp_map_t *kw);

// space.c
extern const mp_obj_type_t mmu_space_type;
mp_obj_t mmu_current(void);

// selftest.c
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(mmu_selftest_obj);

#endif
