// SPDX-License-Identifier: MIT
// The prompt after a panic: a second MicroPython in memory that mem.c set aside at boot.  Nothing of the first
// one's is relied upon but the image, the UART and the page tables; nothing of it is written but the image's own
// data.  The identity map becomes read-only as a whole, in its two level 0 descriptors, so that whatever Python
// does leaves the evidence and the devices alone; the prompt's memory and the UART are mapped once more, in the
// high half:
//
//   POSTMORTEM_BASE   guard
//                     stack
//                     guard
//                     heap, and before it the first MicroPython's state
//                     UART

#include "postmortem.h"

#include <string.h>

#include "boot/pagetables.h"
#include "boot/ptdesc.h"
#include "fault.h"
#include "hw.h"
#include "io.h"
#include "irq.h"
#include "irqpy.h"
#include "mem.h"
#include "memlayout.h"
#include "mphalport.h"
#include "psci.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/objstr.h"
#include "py/runtime.h"
#include "shared/readline/readline.h"
#include "shared/runtime/pyexec.h"
#include "stackguard.h"
#include "tlb.h"
#include "uart.h"

#define STACK_BOTTOM (POSTMORTEM_BASE + GUARD_SIZE)
#define STACK_TOP (STACK_BOTTOM + POSTMORTEM_STACK)
#define STATE (STACK_TOP + GUARD_SIZE)
#define HEAP (STATE + POSTMORTEM_STATE)
#define UART (HEAP + POSTMORTEM_HEAP + GUARD_SIZE)

_Static_assert(sizeof(mp_state_ctx) <= POSTMORTEM_STATE, "mp_state_ctx");
_Static_assert(UART + PAGE_SIZE - POSTMORTEM_BASE <= 2 << 20, "one level 3 table");

bool postmortem_allowed;
bool postmortem_active;

extern char emergency_stack_top[];
__attribute__((noreturn)) void stack_switch(void *exception, void *thread, void (*run)(void));

static bool map(uintptr_t uart) {
    uint64_t tables = (uint64_t)mem_postmortem, memory = tables + POSTMORTEM_TABLES;
    pt_t pt = {
        .root = {(uint64_t *)hw.ttbr0, (uint64_t *)hw.ttbr1},
        .pool = mem_postmortem,
        .pool_pages = POSTMORTEM_TABLES / PAGE_SIZE,
    };
    sysreg_write(ttbr0_el1, hw.ttbr0); // not an address space that Python had made
    tlb_flush_all();
    if (pt_map(&pt, STACK_BOTTOM, memory, POSTMORTEM_STACK, MT_NORMAL, PT_W) != 0 ||
        pt_map(&pt, STATE, memory + POSTMORTEM_STACK, POSTMORTEM_STATE + POSTMORTEM_HEAP, MT_NORMAL,
               PT_W) != 0 ||
        pt_map(&pt, UART, uart & ~(uintptr_t)(PAGE_SIZE - 1), PAGE_SIZE, MT_DEVICE, PT_W) != 0) {
        return false;
    }
    tlb_flush_all();
    uart_rebase(UART + (uart & (PAGE_SIZE - 1)));
    for (unsigned i = 0; i < IDENTITY_ROOTS; i++) {
        pt.root[0][i] |= pt.root[0][i] & DESC_VALID ? DESC_AP_TABLE_RO : 0;
    }
    tlb_flush_all();
    return true;
}

// Branches and waits in Python run what is scheduled: this reads the UART, where Ctrl-C may be, and goes back into
// the queue.
static mp_obj_t poll(mp_obj_t self);
static MP_DEFINE_CONST_FUN_OBJ_1(poll_obj, poll);
static mp_obj_t poll(mp_obj_t self) {
    uart_rx_drain();
    mp_sched_schedule(MP_OBJ_FROM_PTR(&poll_obj), self);
    return mp_const_none;
}

static void run(void) {
    __asm__ volatile("msr daifclr, #4" ::: "memory"); // SError: guarded accesses take it
    memcpy((void *)STATE, &mp_state_ctx, sizeof(mp_state_ctx));
    memset(&mp_state_ctx, 0, sizeof(mp_state_ctx));
    irq_depth = 0;
    irqpy_hard_depth = 0;
    port_console_reset();
    pyexec_mode_kind = PYEXEC_MODE_FRIENDLY_REPL;
    mp_cstack_init_with_top((void *)STACK_TOP, POSTMORTEM_STACK);
    gc_init((void *)HEAP, (void *)(HEAP + POSTMORTEM_HEAP));
    mp_init();
    readline_init0();
    poll(mp_const_none);
    int ret = pyexec_frozen_module("_postmortem.py", false);
    while (!(ret & PYEXEC_FORCED_EXIT)) {
        ret = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
    }
    uart_flush();
    psci_system_reset();
    panic(NULL, "the platform refuses to reset");
}

void postmortem_enter(void) {
    uintptr_t uart = uart_rebase(0);
    if (!postmortem_allowed || mem_postmortem == NULL || uart == 0 || !map(uart)) {
        return;
    }
    postmortem_active = true;
    stackguard_postmortem((char *)STACK_BOTTOM, (char *)STACK_TOP);
    stack_switch(emergency_stack_top, (void *)STACK_TOP, run);
}

void postmortem_check_write(void) {
    if (postmortem_active) {
        static const MP_DEFINE_STR_OBJ(why, "read-only after a panic");
        mp_obj_t args[2] = {MP_OBJ_NEW_SMALL_INT(MP_EROFS), MP_OBJ_FROM_PTR(&why)};
        nlr_raise(mp_obj_new_exception_args(&mp_type_OSError, 2, args));
    }
}

const void *postmortem_state(void) {
    return (const void *)STATE;
}
