// SPDX-License-Identifier: MIT
// The ring that the controller fills: events, in segments.  xHCI 1.2 §4.9.4, §6.5.  No hardware here.

#ifndef PYRALLAX_XHCIRING_EVENTS_H
#define PYRALLAX_XHCIRING_EVENTS_H

#include "history.h"

#define EVENTS_SEGMENTS 8

typedef struct { // §6.5
    uint64_t base;
    uint32_t size; // TRBs
    uint32_t reserved;
} erst_t;
_Static_assert(sizeof(erst_t) == 16, "event ring segment table entry, §6.5");

typedef struct {
    trb_t *trbs[EVENTS_SEGMENTS];
    uint64_t phys[EVENTS_SEGMENTS];
    uint32_t segments;
    uint32_t entries; // of a segment
    uint32_t segment, index;
    uint32_t cycle;
    history_t *history;
} events_t;

// Empty, as after a reset of the controller; the table for ERSTBA.
void events_reset(events_t *e, erst_t *table);
// The next event, copied; false: there is none.  It stays until events_pop.
bool events_peek(const events_t *e, trb_t *out);
void events_pop(events_t *e, const trb_t *event, uint64_t now_us);
// ERDP without EHB, §5.5.2.3.3: everything before has been taken; with the segment's number.
uint64_t events_erdp(const events_t *e);

#endif
