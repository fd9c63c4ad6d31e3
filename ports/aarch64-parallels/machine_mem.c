// SPDX-License-Identifier: MIT
// machine.mem8 mem16 mem32 mem64: one guarded access each, of exactly that width.

#include "machine_mem.h"

#include "io.h"
#include "postmortem.h"
#include "py/objint.h"
#include "py/runtime.h"

static void mem_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    port_mem_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "<%u-bit memory>", 8 * self->size);
}

static mp_obj_t mem_subscr(mp_obj_t self_in, mp_obj_t index, mp_obj_t value) {
    port_mem_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (value == MP_OBJ_NULL) {
        return MP_OBJ_NULL; // del is not supported
    }
    uintptr_t addr = (uintptr_t)mp_obj_get_int_truncated(index);
    if ((addr & (self->size - 1)) != 0) {
        mp_raise_msg_varg(&mp_type_ValueError,
                          MP_ERROR_TEXT("address 0x%lx is not aligned to %u bytes"), addr,
                          self->size);
    }
    if (value == MP_OBJ_SENTINEL) {
        switch (self->size) {
            case 1:
                return MP_OBJ_NEW_SMALL_INT(io_guarded_read8(addr));
            case 2:
                return MP_OBJ_NEW_SMALL_INT(io_guarded_read16(addr));
            case 4:
                return MP_OBJ_NEW_SMALL_INT(io_guarded_read32(addr));
            default:
                return mp_obj_new_int_from_uint(io_guarded_read64(addr));
        }
    }
    postmortem_check_write();
    uint64_t v = (uint64_t)mp_obj_get_int_truncated(value);
    switch (self->size) {
        case 1:
            io_guarded_write8(addr, v);
            break;
        case 2:
            io_guarded_write16(addr, v);
            break;
        case 4:
            io_guarded_write32(addr, v);
            break;
        default:
            io_guarded_write64(addr, v);
            break;
    }
    return mp_const_none;
}

static MP_DEFINE_CONST_OBJ_TYPE(
    port_mem_type,
    MP_QSTR_mem,
    MP_TYPE_FLAG_NONE,
    print, mem_print,
    subscr, mem_subscr
    );

const port_mem_obj_t port_mem8_obj = {{&port_mem_type}, 1};
const port_mem_obj_t port_mem16_obj = {{&port_mem_type}, 2};
const port_mem_obj_t port_mem32_obj = {{&port_mem_type}, 4};
const port_mem_obj_t port_mem64_obj = {{&port_mem_type}, 8};
