// SPDX-License-Identifier: MIT
// From events to the TDs that they are about, and to records for the driver.

#include "match.h"

#define NO_COOKIE (-1)

// ---- the queue

bool match_put(match_t *m, const record_t *r) {
    if (m->count == m->size) {
        m->stats.full++;
        return false;
    }
    m->queue[(m->head + m->count++) & (m->size - 1)] = *r;
    return true;
}

bool match_next(match_t *m, record_t *out) {
    if (m->count != 0) {
        *out = m->queue[m->head];
        m->head = (m->head + 1) & (m->size - 1);
        m->count--;
        return true;
    }
    for (uint32_t i = 0; m->port_due && i < MATCH_PORTS / 32; i++) {
        if (m->due[i] != 0) {
            uint32_t bit = (uint32_t)__builtin_ctz(m->due[i]);
            m->due[i] &= m->due[i] - 1;
            *out = (record_t) {.kind = TRB_EV_PORT,
                               .where = (uint8_t)(i * 32 + bit),
                               .cookie = NO_COOKIE,
                               .code = CC_SUCCESS};
            return true;
        }
    }
    m->port_due = false;
    return false;
}

uint32_t match_queued(const match_t *m) {
    uint32_t n = m->count;
    for (uint32_t i = 0; m->port_due && i < MATCH_PORTS / 32; i++) {
        n += (uint32_t)__builtin_popcount(m->due[i]);
    }
    return n;
}

// ---- TDs

endpoint_t *match_endpoint(const match_t *m, uint32_t slot, uint32_t dci) {
    endpoint_t **dcis = slot < MATCH_SLOTS && dci < MATCH_DCIS ? m->slots[slot] : NULL;
    return dcis == NULL ? NULL : dcis[dci];
}

// The pending TD that a TRB belongs to, its number in *n; NULL: it has ended, or never was.
static td_t *owner(const producer_t *p, uint32_t index, uint32_t *n) {
    *n = p->shadows[index].td;
    td_t *td = producer_td(p, *n);
    return td == NULL || td->dead || index < td->first || index > td->last ? NULL : td;
}

// Bytes that a TD has moved when an event names one of its TRBs.
static uint32_t moved(const shadow_t *s, unsigned code, uint32_t residual) {
    if (code == CC_STOPPED_SHORT) { // bytes moved instead of those left, §4.6.9
        uint32_t most = s->before + s->bytes;
        return residual < most ? residual : most;
    }
    if (code == CC_STOPPED_LENGTH || residual > s->bytes) {
        return s->before;
    }
    return s->before + s->bytes - residual;
}

// What the event says of its TD; whether the TD has ended.
static bool ends(td_t *td, const shadow_t *s, uint32_t index, unsigned code, uint32_t residual) {
    uint32_t actual = moved(s, code, residual);
    if (code == CC_STOPPED || code == CC_STOPPED_LENGTH || code == CC_STOPPED_SHORT) {
        td->actual = td->cut ? td->actual : actual;
        return false;
    }
    bool good = code == CC_SUCCESS || code == CC_SHORT;
    if (td->control && good) {
        bool status = index == td->last;
        if (!status && index != td->first) { // the data stage; the status stage will have its own
            td->actual = actual;
            td->cut = true;
        } else if (status && !td->cut) {
            td->actual = actual;
        }
        return status;
    }
    if (!td->cut) {
        td->actual = actual;
    }
    // Some controllers say Success where a packet was short.
    return index == td->last || !good || code == CC_SHORT || residual != 0;
}

// End the TD that is the oldest, with a record.
static bool finish(match_t *m, producer_t *p, const trb_t *event, unsigned kind, unsigned code,
                   uint64_t now_us) {
    const td_t *td = producer_oldest(p);
    bool command = kind == TRB_EV_COMMAND;
    record_t r = {
        .us = now_us,
        .kind = (uint8_t)kind,
        .slot = (uint8_t)(event->control >> 24),
        .where = command ? 0 : event->control >> 16 & 31,
        .cookie = td->cookie,
        .code = (uint16_t)code,
        .actual = command ? event->status & 0xffffff : td->actual,
        .parameter = producer_address(p, td->last),
    };
    if (!match_put(m, &r)) {
        return false;
    }
    producer_retire(p);
    return true;
}

// An event that names a TRB of a ring.
static bool completion(match_t *m, endpoint_t *ep, const trb_t *event, unsigned kind,
                       uint64_t now_us) {
    unsigned code = event->status >> 24;
    uint32_t residual = event->status & 0xffffff, n;
    producer_t *p = &ep->producer;
    int32_t index = producer_index(p, event->parameter);
    if (index < 0) {
        m->stats.foreign++;
        return true;
    }
    const shadow_t *s = &p->shadows[index];
    td_t *td = owner(p, (uint32_t)index, &n);
    if (td == NULL) {
        m->stats.late++;
        return true;
    }
    if (m->count == m->size) {
        m->stats.full++;
        return false;
    }
    // TDs end in order: of those before, the events did not come.
    while (producer_oldest(p) != td) {
        if (!finish(m, p, event, kind, CC_LOST, now_us)) {
            return false;
        }
        m->stats.lost++;
    }
    if (m->count == m->size) {
        m->stats.full++;
        return false;
    }
    history_end(p->history, s->note, now_us, code, residual);
    if (kind == TRB_EV_COMMAND) {
        return finish(m, p, event, kind, code, now_us);
    }
    if (ends(td, s, (uint32_t)index, code, residual)) {
        ep->held |= code != CC_SUCCESS && code != CC_SHORT;
        return finish(m, p, event, kind, code, now_us);
    }
    return true;
}

static bool other(match_t *m, const trb_t *event, unsigned kind, uint64_t now_us) {
    record_t r = {
        .us = now_us,
        .kind = (uint8_t)kind,
        .slot = (uint8_t)(event->control >> 24),
        .where = event->control >> 16 & 31,
        .cookie = NO_COOKIE,
        .code = (uint16_t)(event->status >> 24),
        .actual = event->status & 0xffffff,
        .parameter = event->parameter,
    };
    return match_put(m, &r);
}

static bool transfer(match_t *m, const trb_t *event, uint64_t now_us) {
    unsigned code = event->status >> 24;
    endpoint_t *ep = match_endpoint(m, event->control >> 24, event->control >> 16 & 31);
    // Slot 0 is the command ring; there is no pointer in an event of a ring that ran dry, nor one of ours in event data.
    if (ep == NULL || event->control >> 24 == 0 || (event->control & TRB_EVENT_DATA) ||
        code == CC_UNDERRUN || code == CC_OVERRUN) {
        m->stats.foreign++;
        return true;
    }
    return completion(m, ep, event, TRB_EV_TRANSFER, now_us);
}

static bool command(match_t *m, const trb_t *event, uint64_t now_us) {
    if (event->status >> 24 == CC_COMMAND_RING_STOPPED) {
        return other(m, event, TRB_EV_COMMAND, now_us);
    }
    endpoint_t *ep = match_endpoint(m, 0, 0);
    if (ep == NULL) {
        m->stats.foreign++;
        return true;
    }
    return completion(m, ep, event, TRB_EV_COMMAND, now_us);
}

static void port(match_t *m, const trb_t *event) {
    uint32_t n = event->parameter >> 24 & 0xff;
    m->due[n / 32] |= 1u << n % 32;
    m->port_due = true;
    m->stats.ports++;
}

bool match_event(match_t *m, const trb_t *event, uint64_t now_us) {
    unsigned kind = TRB_TYPE_OF(event->control);
    uint32_t *counter = NULL;
    bool taken = true;
    switch (kind) {
        case TRB_EV_TRANSFER:
            taken = transfer(m, event, now_us);
            counter = &m->stats.transfers;
            break;
        case TRB_EV_COMMAND:
            taken = command(m, event, now_us);
            counter = &m->stats.commands;
            break;
        case TRB_EV_PORT:
            port(m, event);
            break;
        case TRB_EV_WRAP: // of MFINDEX: nobody asked
            break;
        default:
            if (kind < TRB_EV_TRANSFER || kind > TRB_EV_WRAP) {
                m->stats.foreign++;
            } else {
                taken = other(m, event, kind, now_us);
            }
    }
    m->stats.events += taken;
    if (counter != NULL) {
        *counter += taken;
    }
    return taken;
}
