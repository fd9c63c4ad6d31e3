// SPDX-License-Identifier: MIT
// A ring that software fills: where TDs are, from their place to their end.

#include "producer.h"

uint32_t producer_trbs(const producer_t *p) {
    return p->segments * p->entries;
}

static trb_t *trb_at(const producer_t *p, uint32_t index) {
    return &p->trbs[index / p->entries][index % p->entries];
}

uint64_t producer_address(const producer_t *p, uint32_t index) {
    return p->phys[index / p->entries] + (uint64_t)(index % p->entries) * sizeof(trb_t);
}

int32_t producer_index(const producer_t *p, uint64_t address) {
    for (uint32_t s = 0; s < p->segments; s++) {
        uint64_t at = address - p->phys[s];
        if (at < p->entries * sizeof(trb_t)) {
            return at % sizeof(trb_t) == 0 ? (int32_t)(s * p->entries + at / sizeof(trb_t)) : -1;
        }
    }
    return -1;
}

static td_t *td_slot(const producer_t *p, uint32_t n) {
    return &p->tds[n & (producer_trbs(p) - 1)];
}

td_t *producer_td(const producer_t *p, uint32_t n) {
    return n - p->serial < p->count ? td_slot(p, n) : NULL;
}

td_t *producer_oldest(const producer_t *p) {
    for (uint32_t i = 0; i < p->count; i++) {
        td_t *td = td_slot(p, p->serial + i);
        if (!td->dead) {
            return td;
        }
    }
    return NULL;
}

td_t *producer_find(const producer_t *p, int32_t cookie) {
    for (uint32_t i = 0; i < p->count; i++) {
        td_t *td = td_slot(p, p->serial + i);
        if (!td->dead && td->cookie == cookie) {
            return td;
        }
    }
    return NULL;
}

void producer_reset(producer_t *p) {
    p->serial += p->count + 1;
    p->count = p->alive = 0;
    p->enqueue = p->begin = 0;
    p->cycle = 1;
    for (uint32_t i = 0; i < producer_trbs(p); i++) {
        *trb_at(p, i) = (trb_t) {0};
        p->shadows[i] = (shadow_t) {.td = p->serial - 1};
    }
}

void producer_retire(producer_t *p) {
    for (bool dead = true; dead && p->count != 0; p->serial++, p->count--) {
        dead = td_slot(p, p->serial)->dead; // passed before the one that ended
    }
    p->alive -= p->alive != 0;
    if (p->alive == 0 && p->count != 0) { // dead ones, which it may not have passed yet
        p->begin = td_slot(p, p->serial)->start;
        p->serial += p->count;
        p->count = 0;
    }
}

// ---- new ones

// Slots that are not in use, less one: enqueue never catches up.
static uint32_t free_slots(const producer_t *p) {
    uint32_t start = p->count == 0 ? p->begin : td_slot(p, p->serial)->start;
    return producer_trbs(p) - 1 - ((p->enqueue - start) & (producer_trbs(p) - 1));
}

uint32_t producer_room(const producer_t *p) {
    uint32_t usable = p->entries - 1;
    uint32_t slots = p->count == 0 ? producer_trbs(p) - 1 : free_slots(p);
    uint32_t here = usable - p->enqueue % p->entries; // before the Link
    uint32_t next = slots > here + 1 ? slots - here - 1 : 0;
    here = here < slots ? here : slots;
    next = next < usable ? next : usable;
    return here > next ? here : next;
}

// From enqueue to the beginning of the next segment.  What is left out of this one looks like used up in this lap, or it
// would look valid in the next.
static void link(producer_t *p, place_t *place, uint64_t now_us) {
    uint32_t at = p->enqueue, end = at | (p->entries - 1);
    place->index = (end + 1) & (producer_trbs(p) - 1);
    place->cycle = p->cycle ^ (place->index == 0);
    for (uint32_t i = at + 1; i <= end; i++) {
        trb_give(trb_at(p, i), p->cycle);
    }
    trb_t trb = {
        .parameter = producer_address(p, place->index),
        .control = TRB_TYPE(TRB_LINK) | (place->index == 0 ? TRB_TOGGLE : 0),
    };
    trb_t *t = trb_at(p, at);
    t->parameter = trb.parameter;
    t->status = 0;
    p->shadows[at] = (shadow_t) {.td = p->serial - 1};
    place->gate = at;
    place->gate_control = trb.control | p->cycle;
    trb.control = place->gate_control;
    history_put(p->history, now_us, producer_address(p, at), &trb);
}

bool producer_place(producer_t *p, uint32_t n, place_t *place, uint64_t now_us) {
    uint32_t usable = p->entries - 1, offset = p->enqueue % p->entries;
    bool here = offset + n <= usable;
    uint32_t need = here ? n : p->entries - offset + n;
    if (need > free_slots(p) && p->count == 0) {
        p->begin = p->enqueue; // nothing was in the way: passed long ago
    }
    if (n > usable || need > free_slots(p)) {
        return false;
    }
    if (here) {
        *place = (place_t) {.index = p->enqueue, .cycle = p->cycle, .gate = p->enqueue};
    } else {
        link(p, place, now_us);
    }
    return true;
}

void producer_put(producer_t *p, place_t *place, uint32_t i, trb_t trb, uint32_t before,
                  uint32_t bytes, uint64_t now_us) {
    uint32_t index = place->index + i;
    trb_t *t = trb_at(p, index);
    trb.control |= place->cycle;
    t->parameter = trb.parameter;
    t->status = trb.status;
    if (index == place->gate) {
        place->gate_control = trb.control;
    } else {
        trb_give(t, trb.control); // not reached before the gate
    }
    uint32_t note = history_put(p->history, now_us, producer_address(p, index), &trb);
    p->shadows[index] = (shadow_t) {p->serial + p->count, before, bytes, note};
}

void producer_commit(producer_t *p, const place_t *place, uint32_t n, td_t td) {
    td.start = p->begin;
    td.first = place->index;
    td.last = place->index + n - 1;
    td.cycle = (uint8_t)place->cycle;
    *td_slot(p, p->serial + p->count) = td;
    p->count++;
    p->alive++;
    p->enqueue = p->begin = place->index + n;
    p->cycle = place->cycle;
    trb_wmb(); // all of the TD before its gate
    trb_give(trb_at(p, place->gate), place->gate_control);
}

// ---- taken back

uint64_t producer_position(producer_t *p, uint64_t now_us) {
    const td_t *td = producer_oldest(p);
    if (td != NULL) {
        return producer_address(p, td->first) | td->cycle;
    }
    if (p->enqueue % p->entries == p->entries - 1) {
        place_t place;
        link(p, &place, now_us);
        trb_wmb(); // the Link before its cycle bit
        trb_give(trb_at(p, place.gate), place.gate_control);
        p->enqueue = place.index;
        p->cycle = place.cycle;
    }
    p->begin = p->enqueue;
    return producer_address(p, p->enqueue) | p->cycle;
}

void producer_rewind(producer_t *p) {
    for (uint32_t i = 0; i < p->count; i++) {
        td_t *td = td_slot(p, p->serial + i);
        td->actual = 0;
        td->cut = false;
    }
}

bool producer_cancel(producer_t *p, td_t *td, uint64_t now_us) {
    if (td == producer_oldest(p)) {
        producer_retire(p);
        return true;
    }
    // Right wherever the controller is: what follows a TD is in the same segment, if only as a Link.
    td->dead = true;
    p->alive--;
    trb_t *t = trb_at(p, td->first);
    trb_t to = {
        .parameter = producer_address(p, td->last + 1),
        .control = TRB_TYPE(TRB_LINK) | td->cycle,
    };
    t->parameter = to.parameter;
    t->status = 0;
    trb_wmb(); // the target before what makes a Link of it
    trb_give(t, to.control);
    history_put(p->history, now_us, producer_address(p, td->first), &to);
    // QEMU 7.2 goes on behind all that it had looked at: what can begin anew does.
    const td_t *oldest = producer_oldest(p);
    return oldest->actual == 0 && !oldest->cut;
}
