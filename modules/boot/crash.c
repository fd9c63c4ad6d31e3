// SPDX-License-Identifier: MIT
// boot.crash(kind): faults on purpose, to see what a panic looks like and to test panic= and `inv symbolize`.

#include "crash.h"

#include <stddef.h>

#include "fault.h"
#include "io.h"
#include "py/runtime.h"

// Each kind has a function of its own, so that a backtrace names it.
#define CRASH __attribute__((noinline))

typedef void (*target_t)(void);

CRASH static void crash_call(uintptr_t address) {
    __asm__("" : "+r"(address)); // not a constant that the compiler may reason about
    ((target_t)address)();
    __asm__ volatile(""); // a call, not a jump: this frame stays in the backtrace
}

CRASH static void crash_undef(void) {
    __asm__ volatile("udf #0");
}

CRASH static void crash_wild(void) {
    uintptr_t at = 0xdead0000dead0000;
    __asm__ volatile("str xzr, [%0]" : : "r"(at) : "memory");
}

CRASH static int crash_recurse(int depth) {
    char frame[256];
    __asm__ volatile("" : : "r"(frame) : "memory"); // the array stays, whatever the compiler thinks
    return depth < 0 ? 0 : crash_recurse(depth + 1) + depth;
}

CRASH static void crash_assert(void) {
    panic(NULL, "assertion %s at %s:%d", "boot.crash", "crash.c", __LINE__);
}

// null, wild: a call of 0, a store to nowhere; undef: an instruction that is none; assert: a failed assertion;
// overflow: recursion in C, which Python survives; stack: the same where it may not.  Raises ValueError.
static mp_obj_t boot_crash(mp_obj_t kind) {
    switch (mp_obj_str_get_qstr(kind)) {
        case MP_QSTR_null:
            crash_call(0);
            break;
        case MP_QSTR_undef:
            crash_undef();
            break;
        case MP_QSTR_wild:
            crash_wild();
            break;
        case MP_QSTR_assert:
            crash_assert();
            break;
        case MP_QSTR_stack:
            irq_save();
            crash_recurse(0);
            break;
        case MP_QSTR_overflow:
            crash_recurse(0);
            break;
        default:
            mp_raise_ValueError(MP_ERROR_TEXT("null, wild, undef, assert, stack or overflow"));
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(boot_crash_obj, boot_crash);
