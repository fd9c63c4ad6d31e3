// SPDX-License-Identifier: MIT
// The ring that the controller fills: events, in segments.

#include "events.h"

#include <string.h>

#define ERDP_DESI 7u

void events_reset(events_t *e, erst_t *table) {
    for (uint32_t s = 0; s < e->segments; s++) {
        memset(e->trbs[s], 0, e->entries * sizeof(trb_t));
        table[s] = (erst_t) {.base = e->phys[s], .size = e->entries};
    }
    e->segment = e->index = 0;
    e->cycle = 1;
}

bool events_peek(const events_t *e, trb_t *out) {
    const trb_t *t = &e->trbs[e->segment][e->index];
    uint32_t control = trb_control(t);
    if ((control & TRB_CYCLE) != e->cycle) {
        return false;
    }
    trb_rmb(); // the cycle bit before what it vouches for
    *out = (trb_t) {t->parameter, t->status, control};
    return true;
}

uint64_t events_erdp(const events_t *e) {
    return (e->phys[e->segment] + e->index * sizeof(trb_t)) | (e->segment & ERDP_DESI);
}

void events_pop(events_t *e, const trb_t *event, uint64_t now_us) {
    history_put(e->history, now_us, e->phys[e->segment] + e->index * sizeof(trb_t), event);
    if (++e->index == e->entries) {
        e->index = 0;
        if (++e->segment == e->segments) {
            e->segment = 0;
            e->cycle ^= 1;
        }
    }
}
