// SPDX-License-Identifier: MIT
// The virtual timer (Arm ARM D11.2) and what is due next.  Tickless: CVAL is the earliest deadline.

#ifndef PYRALLAX_TIMER_H
#define PYRALLAX_TIMER_H

#include <stdint.h>

typedef enum {
    TIMER_SOFT,       // shared/runtime/softtimer.c: machine.Timer and friends
    TIMER_WAIT,       // end of a timed wait
    TIMER_UART_POLL,  // receive fallback
    TIMER_UART_STALL, // full ring nobody reads
    TIMER_EFI,        // a call of the firmware takes too long
    TIMER_INTERRUPT,  // a Ctrl-C that waits for a soft interrupt handler
    TIMER_BATCH,      // soft interrupt handlers, while the scheduler's queue is full
    TIMER_SLOTS,
} timer_slot_t;

typedef void (*timer_fn_t)(void);

// Counter frequency in Hz.
extern uint64_t timer_hz;

// The counter's rate; timer_to_us and friends work from here on.
void timer_clock_init(void);
// The interrupt; after irq_init.
void timer_init(void);
// Run fn in interrupt context when the counter reaches deadline; fn may be NULL (just wake).
void timer_set(timer_slot_t slot, uint64_t deadline, timer_fn_t fn);
void timer_cancel(timer_slot_t slot);
// Counter value us microseconds from now.
uint64_t timer_after_us(uint64_t us);
// Microseconds of a counter value, without overflow for centuries.
uint64_t timer_to_us(uint64_t ticks);
uint64_t timer_to_ns(uint64_t ticks);
// CVAL as programmed.
uint64_t timer_cval(void);

#endif
