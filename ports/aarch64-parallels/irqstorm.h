// SPDX-License-Identifier: MIT
// When has an interrupt taken the CPU for itself?  Pure arithmetic, also built for the host.

#ifndef PYRALLAX_IRQSTORM_H
#define PYRALLAX_IRQSTORM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t since; // counter value the window began at
    uint64_t own;   // ticks this line's interrupts took since then
    uint64_t total; // ticks all interrupts had taken by then
    uint32_t fires;
} irqstorm_window_t;

typedef struct {
    uint64_t total; // ticks all interrupts took since boot, each counted up to a limit
} irqstorm_t;

// Account for an interrupt of `spent` ticks that ended at `now`.  True: this line storms, and a new window has begun.
// IRQ-safe.
bool irqstorm_taken(irqstorm_t *all, irqstorm_window_t *w, uint64_t now, uint64_t spent,
                    uint64_t hz);

// A level line that soft handlers serve: returns of the handler with the line still raised, in a row.
typedef struct {
    uint64_t since;
    uint32_t returns;
    uint32_t idles; // idle count the row began at
} irqstorm_row_t;

// The handler returned at `now`, the CPU was idle `idles` times so far.  True: nobody clears this line.
bool irqstorm_returned(irqstorm_row_t *r, bool raised, uint32_t idles, uint64_t now, uint64_t hz);

#endif
