// SPDX-License-Identifier: MIT
// MicroPython prints an uncaught exception outside every handler.  The text of one is code of the user's, though, where
// an argument or its class has a __repr__, and what that raises would then be a panic at the prompt, or go from an
// interrupt handler into the code that it interrupted.

#include "py/obj.h"
#include "py/runtime.h"

// The linker sends every call of mp_obj_print_exception here (--wrap).
void __real_mp_obj_print_exception(const mp_print_t *print, mp_obj_t exc);
void __wrap_mp_obj_print_exception(const mp_print_t *print, mp_obj_t exc);

void __wrap_mp_obj_print_exception(const mp_print_t *print, mp_obj_t exc) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        __real_mp_obj_print_exception(print, exc);
        nlr_pop();
    } else {
        mp_printf(print, "<text of %s: %s>\n", mp_obj_get_type_str(exc),
                  mp_obj_get_type_str(MP_OBJ_FROM_PTR(nlr.ret_val)));
    }
}
