// SPDX-License-Identifier: MIT
// The storm breaker's rules.
//
// 1. A line whose interrupts leave the thread nothing: over half a second, more than 15/16 of the time went into
//    interrupts, and at least a quarter of it into this line's.  A share of time and not a count: 10,000 interrupts
//    are 10 ms of a stuck line and a fraction of a second of a busy one that is served well.  One interrupt counts
//    for at most 10 ms, so that neither a handler that prints for long nor a host that suspends the VM in the middle
//    of one looks like a storm.
// 2. A level line with a soft handler: it is masked until the handler has returned, and the thread gets a turn in
//    between, so rule 1 never holds.  But a handler that returned 10,000 times in a row with its line still raised,
//    over at least half a second in which the CPU was never idle, does not reach the cause.

#include "irqstorm.h"

#define WINDOW_MS 500
#define ONE_MS 10    // what one interrupt counts for, at most
#define FIRES_MIN 16 // fewer are long handlers, no storm
#define RETURNS 10000u

bool irqstorm_taken(irqstorm_t *all, irqstorm_window_t *w, uint64_t now, uint64_t spent,
                    uint64_t hz) {
    uint64_t most = hz / 1000 * ONE_MS;
    spent = spent < most ? spent : most;
    all->total += spent;
    w->own += spent;
    w->fires++;
    uint64_t elapsed = now - w->since;
    if (elapsed < hz / 1000 * WINDOW_MS) {
        return false;
    }
    uint64_t total = all->total - w->total;
    // A window that was open for longer than its length by far began with an idle line.
    bool storm = w->fires >= FIRES_MIN && total > elapsed / 16 * 15 && w->own > elapsed / 4;
    w->since = now;
    w->own = 0;
    w->fires = 0;
    w->total = all->total;
    return storm;
}

bool irqstorm_returned(irqstorm_row_t *r, bool raised, uint32_t idles, uint64_t now, uint64_t hz) {
    if (!raised || r->returns == 0 || r->idles != idles) {
        r->since = now;
        r->idles = idles;
        r->returns = raised;
        return false;
    }
    if (r->returns < RETURNS) {
        r->returns++;
    }
    return r->returns >= RETURNS && now - r->since >= hz / 1000 * WINDOW_MS;
}
