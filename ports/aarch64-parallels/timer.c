// SPDX-License-Identifier: MIT
// Virtual timer by the rules of the reference (§10, HVF virtual timer): program CVAL, CTL stays ENABLE; IMASK
// acknowledges; ENABLE is never toggled.

#include "timer.h"

#include "hw.h"
#include "io.h"
#include "irq.h"

#define CTL_ENABLE 1u
#define CTL_IMASK 2u
#define NEVER ~0ull
// Furthest CVAL: implementations differ in how they compare a counter of fewer than 64 bits.
#define HORIZON_S 3600

uint64_t timer_hz;

static struct {
    uint64_t deadline;
    timer_fn_t fn;
} slots[TIMER_SLOTS];

static uint64_t programmed;
static uint64_t ns_mult; // nanoseconds per tick, 32.32 fixed point

static void program(void) {
    uint64_t next = NEVER;
    for (int i = 0; i < TIMER_SLOTS; i++) {
        if (slots[i].deadline < next) {
            next = slots[i].deadline;
        }
    }
    uint64_t horizon = cntvct() + timer_hz * HORIZON_S;
    programmed = next < horizon ? next : horizon;
    sysreg_write(cntv_cval_el0, programmed);
    sysreg_write(cntv_ctl_el0, CTL_ENABLE);
    isb(); // the new condition is evaluated before the caller unmasks
}

static void timer_irq(uint32_t intid, void *arg) {
    (void)intid;
    (void)arg;
    sysreg_write(cntv_ctl_el0, CTL_ENABLE | CTL_IMASK);
    isb(); // line drops before the end of interrupt
    uint64_t now = cntvct();
    for (int i = 0; i < TIMER_SLOTS; i++) {
        if (slots[i].deadline <= now) {
            slots[i].deadline = NEVER;
            if (slots[i].fn != NULL) {
                slots[i].fn();
            }
        }
    }
    program();
}

void timer_clock_init(void) {
    timer_hz = sysreg_read(cntfrq_el0);
    if (timer_hz == 0) {
        timer_hz = 24000000; // an unset CNTFRQ: the Parallels value
    }
    ns_mult = (1000000000ull << 32) / timer_hz;
    for (int i = 0; i < TIMER_SLOTS; i++) {
        slots[i].deadline = NEVER;
    }
}

void timer_init(void) {
    uint32_t intid = hw.timer_virt_intid != 0 ? hw.timer_virt_intid : 27;
    irq_install(intid, timer_irq, NULL, IRQ_LEVEL);
    irq_name(intid, "timer");
    irq_keep(intid);
    program();
    irq_enable(intid);
}

void timer_set(timer_slot_t slot, uint64_t deadline, timer_fn_t fn) {
    uint64_t state = irq_save();
    uint64_t old = slots[slot].deadline;
    slots[slot].deadline = deadline;
    slots[slot].fn = fn;
    if (deadline < programmed || old == programmed) {
        program();
    }
    irq_restore(state);
}

void timer_cancel(timer_slot_t slot) {
    uint64_t state = irq_save();
    slots[slot].deadline = NEVER; // an early wake-up is cheaper than reprogramming
    irq_restore(state);
}

uint64_t timer_after_us(uint64_t us) {
    if (us / 1000000 >= (NEVER >> 2) / timer_hz) {
        return NEVER >> 1; // centuries
    }
    return cntvct() + us / 1000000 * timer_hz + us % 1000000 * timer_hz / 1000000 + 1;
}

uint64_t timer_to_ns(uint64_t ticks) {
    return (uint64_t)(((unsigned __int128)ticks * ns_mult) >> 32);
}

uint64_t timer_to_us(uint64_t ticks) {
    uint64_t whole = ticks / timer_hz;
    return whole * 1000000 + (ticks - whole * timer_hz) * 1000000 / timer_hz;
}

uint64_t timer_cval(void) {
    return programmed;
}
