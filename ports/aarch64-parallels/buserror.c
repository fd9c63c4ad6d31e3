// SPDX-License-Identifier: MIT
// BusError: a bad access as a Python exception, an OSError with errno EFAULT.

#include "buserror.h"

#include "fault.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/objexcept.h"
#include "py/objint.h"
#include "py/objstr.h"
#include "py/runtime.h"
#include "py/smallint.h"

// args: errno, addr, write, size, esr, far, pc
enum { ARG_errno, ARG_addr, ARG_write, ARG_size, ARG_esr, ARG_far, ARG_pc, ARG_count };

static void bus_error_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    mp_obj_exception_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->args == NULL || self->args->len != ARG_count) {
        mp_obj_exception_print(print, self_in, kind);
        return;
    }
    const mp_obj_t *a = self->args->items;
    mp_print_kind_t plain = kind & ~PRINT_EXC_SUBCLASS;
    if (!(kind & PRINT_EXC_SUBCLASS) && plain != PRINT_STR) {
        mp_print_str(print, "BusError"); // a subclass printed its own name
    }
    mp_print_str(print, plain == PRINT_REPR ? "(" : plain == PRINT_EXC ? ": " : "");
    mp_printf(print, "[Errno 14] EFAULT: %s ", mp_obj_is_true(a[ARG_write]) ? "write" : "read");
    unsigned size = (unsigned)mp_obj_get_int(a[ARG_size]);
    if (size != 0) {
        mp_printf(print, "of %u bytes ", size);
    }
    mp_printf(print, "at 0x%lx: %s", (unsigned long)mp_obj_get_int_truncated(a[ARG_addr]),
              fault_status_name((uint64_t)mp_obj_get_int_truncated(a[ARG_esr])));
    if (plain == PRINT_REPR) {
        mp_print_str(print, ")");
    }
}

static void bus_error_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    mp_obj_exception_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_NULL && self->args != NULL && self->args->len == ARG_count) {
        static const uint16_t names[ARG_count] = {
            MP_QSTR_errno, MP_QSTR_addr, MP_QSTR_write, MP_QSTR_size,
            MP_QSTR_esr,   MP_QSTR_far,  MP_QSTR_pc,
        };
        for (size_t i = ARG_addr; i < ARG_count; i++) {
            if (names[i] == attr) {
                dest[0] = self->args->items[i];
                return;
            }
        }
    }
    mp_obj_exception_attr(self_in, attr, dest);
}

MP_DEFINE_CONST_OBJ_TYPE(
    mp_type_BusError,
    MP_QSTR_BusError,
    MP_TYPE_FLAG_NONE,
    make_new, mp_obj_exception_make_new,
    print, bus_error_print,
    attr, bus_error_attr,
    parent, &mp_type_OSError
    );

// In a hard interrupt handler the heap is locked, and addresses of 63 bits and more are no small integers: three
// numbers that are always there.  The exception does not outlive the handler.
enum { FIXED_addr, FIXED_far, FIXED_pc, FIXED_count };
static mp_obj_int_t fixed[FIXED_count];
static mpz_dig_t fixed_digits[FIXED_count][MPZ_NUM_DIG_FOR_INT + 1];

static mp_obj_t number(uint64_t v, unsigned slot) {
    if (!gc_is_locked() || (v & ~(uint64_t)MP_SMALL_INT_POSITIVE_MASK) == 0) {
        return mp_obj_new_int_from_uint(v);
    }
    fixed[slot].base.type = &mp_type_int;
    mpz_init_fixed_from_int(&fixed[slot].mpz, fixed_digits[slot], MP_ARRAY_SIZE(fixed_digits[slot]),
                            0);
    mpz_set_from_ll(&fixed[slot].mpz, (long long)v, false);
    return MP_OBJ_FROM_PTR(&fixed[slot]);
}

void bus_error_raise(const bus_fault_t *f) {
    bus_fault_t fault = *f; // what follows may fault again
    mp_obj_t args[ARG_count] = {
        MP_OBJ_NEW_SMALL_INT(MP_EFAULT), number(fault.addr, FIXED_addr),
        mp_obj_new_bool(fault.write),    MP_OBJ_NEW_SMALL_INT(fault.size),
        MP_OBJ_NEW_SMALL_INT(fault.esr), number(fault.far, FIXED_far),
        number(fault.pc, FIXED_pc),
    };
    nlr_raise(mp_obj_exception_make_new(&mp_type_BusError, ARG_count, 0, args));
}
