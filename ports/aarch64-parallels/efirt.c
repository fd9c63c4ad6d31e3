// SPDX-License-Identifier: MIT
// The firmware runs on the thread stack, with interrupts as the caller has them, in an address space of its own.

#include "efirt.h"

#include <setjmp.h>
#include <string.h>

#include "boot/pagetables.h"
#include "boot/ptdesc.h"
#include "hw.h"
#include "io.h"
#include "mem.h"
#include "memlayout.h"
#include "py/mperrno.h"
#include "softreset.h"
#include "timer.h"

#define BUFFER_SIZE (64 * 1024)
#define SCTLR_WXN (1u << 19)
#define SPSR_EL1T_MASKED 0x3c4 // DAIF masked, SP_EL0

bool efirt_running;

static struct {
    uint8_t *memory; // tables, then the buffer
    size_t pages;    // of the tables
    pt_t pt;
    bool mixed; // some region is EFIRT_BOTH
} space;

static jmp_buf recover;
static efirt_end_t end;
static bus_fault_t what;
static uint64_t deadline, outside; // CNTVCT; TTBR0_EL1
static uint32_t sctlr;

static void forget(void) {
    if (space.memory != NULL) {
        mem_free(space.memory, space.pages * PAGE_SIZE + BUFFER_SIZE);
    }
    memset(&space, 0, sizeof(space));
}
SOFTRESET(forget);

int efirt_begin(size_t regions) {
    forget();
    // Each region, and the buffer, can want a table of each of the levels 1 to 3 at either end; one root.
    space.pages = 1 + 6 * (regions + 1);
    space.memory = mem_alloc(space.pages * PAGE_SIZE + BUFFER_SIZE);
    if (space.memory == NULL) {
        return -MP_ENOMEM;
    }
    space.pt.pool = space.memory + PAGE_SIZE;
    space.pt.pool_pages = space.pages - 1;
    space.pt.root[0] = memset(space.memory, 0, PAGE_SIZE);
    space.pt.root[1] = (uint64_t *)hw.ttbr1;
    size_t size;
    return efirt_map((uint64_t)efirt_buffer(&size), BUFFER_SIZE, EFIRT_DATA);
}

int efirt_map(uint64_t base, uint64_t size, efirt_kind_t kind) {
    static const uint8_t flags[] = {PT_X, PT_W, PT_W | PT_X, PT_R, PT_W, PT_W};
    static const uint8_t type[] = {MT_NORMAL, MT_NORMAL, MT_NORMAL, MT_NORMAL, MT_DEVICE, MT_NC};
    if (space.memory == NULL || base == 0 || base >> 47 != 0 || kind > EFIRT_UNCACHED) {
        return -MP_EINVAL;
    }
    int r = pt_map(&space.pt, base, base, size, type[kind], flags[kind]);
    space.mixed |= kind == EFIRT_BOTH;
    return r == 0 ? 0 : r == -1 ? -MP_ENOMEM : -MP_EINVAL;
}

void *efirt_buffer(size_t *size) {
    *size = BUFFER_SIZE;
    return space.memory == NULL ? NULL : space.memory + space.pages * PAGE_SIZE;
}

bool efirt_is_code(uint64_t fn) {
    int level;
    uint64_t desc = space.memory == NULL || fn >> 47 != 0 || (fn & 3) != 0 ?
                        0 :
                        pt_lookup(&space.pt, fn, &level);
    return desc != 0 && (desc & DESC_PXN) == 0;
}

// Both are global entries without an ASID: nothing of the one may stay when the other is in use.
static void switch_to(uint64_t ttbr0, uint32_t control) {
    sysreg_write(ttbr0_el1, ttbr0);
    sysreg_write(sctlr_el1, control);
    isb(); // the new tables before the invalidation
    __asm__ volatile("tlbi vmalle1" ::: "memory");
    dsb_ish(); // the invalidation is done before anything after it
    isb();
}

static void enter(void) {
    // Where code and data share pages, write permission must not take the permission to execute (WXN).
    dsb_ishst(); // the tables before their use
    switch_to((uint64_t)space.pt.root[0], space.mixed ? sctlr & ~SCTLR_WXN : sctlr);
}

static void leave(void) {
    switch_to(outside, sctlr);
}

typedef uint64_t (*service_t)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

static void wake(void) {
}

efirt_end_t efirt_call(uint64_t fn, const uint64_t a[EFIRT_ARGS], uint64_t timeout_us,
                       uint64_t *status, bus_fault_t *fault) {
    uint64_t daif = sysreg_read(daif);
    outside = sysreg_read(ttbr0_el1);
    sctlr = (uint32_t)sysreg_read(sctlr_el1);
    end = EFIRT_DONE;
    deadline = timer_after_us(timeout_us);
    timer_set(TIMER_EFI, deadline, wake); // an interrupt, at which efirt_return looks at the clock
    if (setjmp(recover) == 0) {
        efirt_running = true;
        enter();
        *status = ((service_t)fn)(a[0], a[1], a[2], a[3], a[4]);
    }
    __asm__ volatile("msr daifset, #2" ::: "memory"); // whatever the firmware made of it
    leave();
    efirt_running = false;
    sysreg_write(daif, daif);
    timer_cancel(TIMER_EFI);
    *fault = what;
    return end;
}

static void go_to_recover(exc_frame_t *f) {
    f->x[0] = (uint64_t)recover;
    f->x[1] = 1;
    f->elr = (uint64_t)longjmp;
    f->spsr = SPSR_EL1T_MASKED;
}

bool efirt_fault(unsigned slot, exc_frame_t *f) {
    if (slot >> 2 != 0 || (slot & 3) == 2) {
        return false; // in one of our own handlers
    }
    what = (bus_fault_t) {
        .addr = f->far, .far = f->far, .esr = f->esr, .pc = f->elr, .write = f->esr >> 6 & 1};
    end = EFIRT_FAULT;
    go_to_recover(f);
    return true;
}

bool efirt_leave(void) {
    if (sysreg_read(ttbr0_el1) != (uint64_t)space.pt.root[0]) {
        return false; // before or after the firmware, or in a handler already
    }
    leave();
    return true;
}

void efirt_return(exc_frame_t *f) {
    if (cntvct() >= deadline) {
        end = EFIRT_TIMEOUT;
        go_to_recover(f);
    } else {
        enter();
    }
}
