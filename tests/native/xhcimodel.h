// SPDX-License-Identifier: MIT
// A controller for tests of modules/xhciring: takes TDs from producer rings, fills an event ring.  Time does not pass.
// Sources of tests that include it: modules/xhciring/{producer,tds,events,match,history}.c

#ifndef PYRALLAX_TESTS_XHCIMODEL_H
#define PYRALLAX_TESTS_XHCIMODEL_H

#include <stdlib.h>
#include <string.h>

#include "../../modules/xhciring/events.h"
#include "../../modules/xhciring/match.h"

#define MODEL_RINGS 4

// Software's side of one ring, and the controller's place on it.
typedef struct {
    endpoint_t ep;
    trb_t *memory;
    uint8_t slot, dci;
    uint64_t at; // the controller's dequeue pointer
    uint32_t cycle;
} model_ring_t;

typedef struct {
    match_t match;
    events_t events;
    trb_t *event_memory;
    erst_t table[EVENTS_SEGMENTS];
    endpoint_t *dcis[3][MATCH_DCIS];
    model_ring_t rings[MODEL_RINGS];
    // the controller
    uint32_t segment, index, cycle; // where the next event goes
    uint64_t erdp;                  // as software wrote it
    bool full;                      // it has said so
} model_t;

// One TD as the controller found it.
typedef struct {
    uint32_t n;
    uint64_t address[4096];
    trb_t trb[4096];
} model_td_t;

static inline void model_attach(model_t *m, unsigned i, uint8_t slot, uint8_t dci, uint32_t entries,
                                uint32_t segments, uint32_t mps) {
    model_ring_t *r = &m->rings[i];
    producer_t *p = &r->ep.producer;
    r->slot = slot;
    r->dci = dci;
    r->memory = calloc(entries * segments, sizeof(trb_t));
    p->segments = segments;
    p->entries = entries;
    p->mps = mps;
    p->in = dci > 1 && (dci & 1) != 0;
    p->tds = calloc(entries * segments, sizeof(td_t));
    p->shadows = calloc(entries * segments, sizeof(shadow_t));
    p->history = calloc(1, sizeof(history_t));
    for (uint32_t s = 0; s < segments; s++) {
        p->trbs[s] = r->memory + s * entries;
        // Not in a row, the last below the first.
        p->phys[s] = 0x40000000 + i * 0x1000000ull + (segments - s) * 0x20000;
    }
    p->serial = 0xfffffff0; // it wraps soon
    producer_reset(p);
    r->at = p->phys[0];
    r->cycle = 1;
    m->match.slots[slot] = m->dcis[slot];
    m->dcis[slot][dci] = &r->ep;
}

// Ring 0 is the command ring, 1 a control endpoint, 2 IN, 3 OUT.
static inline model_t *model_new(uint32_t event_segments, uint32_t event_entries, uint32_t queue,
                                 uint32_t entries, uint32_t segments) {
    model_t *m = calloc(1, sizeof(*m));
    m->match.queue = calloc(queue, sizeof(record_t));
    m->match.size = queue;
    m->events.history = calloc(1, sizeof(history_t));
    m->events.segments = event_segments;
    m->events.entries = event_entries;
    m->event_memory = calloc(event_segments * event_entries, sizeof(trb_t));
    for (uint32_t s = 0; s < event_segments; s++) {
        m->events.trbs[s] = m->event_memory + s * event_entries;
        m->events.phys[s] = 0x90000000 - s * 0x20000;
    }
    events_reset(&m->events, m->table);
    m->erdp = events_erdp(&m->events);
    m->cycle = 1;
    model_attach(m, 0, 0, 0, entries, segments, 8);
    model_attach(m, 1, 1, 1, entries, segments, 64);
    model_attach(m, 2, 1, 5, entries, segments, 512);
    model_attach(m, 3, 2, 4, entries, segments, 1024);
    return m;
}

static inline void model_free(model_t *m) {
    for (unsigned i = 0; i < MODEL_RINGS; i++) {
        producer_t *p = &m->rings[i].ep.producer;
        free(m->rings[i].memory);
        free(p->tds);
        free(p->shadows);
        free(p->history);
    }
    free(m->match.queue);
    free(m->events.history);
    free(m->event_memory);
    free(m);
}

// ---- the controller

static inline trb_t *model_memory(const model_ring_t *r, uint64_t address) {
    const producer_t *p = &r->ep.producer;
    for (uint32_t s = 0; s < p->segments; s++) {
        if (address - p->phys[s] < p->entries * sizeof(trb_t)) {
            return p->trbs[s] + (address - p->phys[s]) / sizeof(trb_t);
        }
    }
    abort(); // it was led out of the ring
}

// Follow Links; the TRB there if it has been handed over.
static inline const trb_t *model_fetch(model_ring_t *r) {
    for (unsigned links = 0; links < 4096; links++) {
        const trb_t *t = model_memory(r, r->at);
        if ((t->control & TRB_CYCLE) != r->cycle) {
            return NULL;
        }
        if (TRB_TYPE_OF(t->control) != TRB_LINK) {
            return t;
        }
        r->at = t->parameter;
        r->cycle ^= (t->control & TRB_TOGGLE) != 0;
    }
    abort(); // in a circle
}

// Take the next TD; a control transfer's three stages are one.  false: there is none.
static inline bool model_take(model_ring_t *r, model_td_t *td) {
    td->n = 0;
    const trb_t *t = model_fetch(r);
    bool control = t != NULL && TRB_TYPE_OF(t->control) == TRB_SETUP;
    while (t != NULL) {
        td->address[td->n] = r->at;
        td->trb[td->n++] = *t;
        r->at += sizeof(trb_t);
        bool status = TRB_TYPE_OF(t->control) == TRB_STATUS;
        if (control ? status : !(t->control & TRB_CHAIN)) {
            return true;
        }
        t = model_fetch(r);
        if (t == NULL) {
            abort(); // half a TD was handed over
        }
    }
    return false;
}

static inline void model_go_on(model_ring_t *r, uint64_t position) {
    r->at = position & ~15ull;
    r->cycle = position & 1;
}

static inline uint64_t model_event_at(const model_t *m, uint32_t segment, uint32_t index) {
    return m->table[segment].base + index * sizeof(trb_t);
}

// Room for n events and the one that says that there is none left, §4.9.4.
static inline bool model_event_room(const model_t *m, uint32_t n) {
    uint32_t s = m->segment, i = m->index;
    for (n++; n != 0; n--) {
        if (++i == m->table[s].size) {
            i = 0;
            s = (s + 1) % m->events.segments;
        }
        if (model_event_at(m, s, i) == (m->erdp & ~15ull)) {
            return false;
        }
    }
    return true;
}

static inline void model_post(model_t *m, trb_t event) {
    trb_t *t = m->events.trbs[m->segment] + m->index;
    t->parameter = event.parameter;
    t->status = event.status;
    t->control = (event.control & ~TRB_CYCLE) | m->cycle;
    if (++m->index == m->table[m->segment].size) {
        m->index = 0;
        if (++m->segment == m->events.segments) {
            m->segment = 0;
            m->cycle ^= 1;
        }
    }
}

// An event, or the one that says that the ring is full; false then, and until software has made room.
static inline bool model_event(model_t *m, trb_t event) {
    if (!model_event_room(m, 1)) {
        if (!m->full) {
            m->full = true;
            trb_t host = {0, (uint32_t)CC_EVENT_RING_FULL << 24, TRB_TYPE(TRB_EV_HOST)};
            model_post(m, host);
        }
        return false;
    }
    m->full = false;
    model_post(m, event);
    return true;
}

static inline trb_t model_about(const model_ring_t *r, uint64_t address, unsigned code,
                                uint32_t residual) {
    unsigned kind = r->slot == 0 ? TRB_EV_COMMAND : TRB_EV_TRANSFER;
    return (trb_t) {address, (uint32_t)code << 24 | residual,
                    TRB_TYPE(kind) | (uint32_t)r->slot << 24 | (uint32_t)r->dci << 16};
}

// ---- software: take at most n events, as controller_drain does

static inline void model_drain(model_t *m, uint32_t n) {
    trb_t event;
    while (n-- != 0 && events_peek(&m->events, &event) && match_event(&m->match, &event, 1)) {
        events_pop(&m->events, &event, 1);
    }
    m->erdp = events_erdp(&m->events);
}

#endif
