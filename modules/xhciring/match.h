// SPDX-License-Identifier: MIT
// From events to the TDs that they are about, and to records for the driver.  What an event says is believed only where
// it agrees with what this side has written down.  No hardware here.

#ifndef PYRALLAX_XHCIRING_MATCH_H
#define PYRALLAX_XHCIRING_MATCH_H

#include "producer.h"

#define MATCH_SLOTS 256
#define MATCH_DCIS 32
#define MATCH_PORTS 256

typedef struct {
    producer_t producer;
    bool held; // no doorbell: the endpoint is halted, or about to be stopped
} endpoint_t;

typedef struct {
    uint64_t us;
    uint64_t parameter;
    int32_t cookie;
    uint32_t actual;
    uint16_t code;
    uint8_t kind; // TRB_EV_*
    uint8_t slot;
    uint8_t where; // DCI, or port
} record_t;

typedef struct {
    uint32_t events;
    uint32_t transfers;
    uint32_t commands;
    uint32_t ports;
    uint32_t foreign; // about nothing that is known
    uint32_t late;    // about TRBs whose TD had ended
    uint32_t lost;    // TDs whose event never came
    uint32_t full;    // how often the queue had no room
} match_stats_t;

typedef struct {
    endpoint_t **slots[MATCH_SLOTS]; // MATCH_DCIS each, or NULL; the command ring is 0, 0
    record_t *queue;
    uint32_t size; // of it, a power of two
    uint32_t head, count;
    uint32_t due[MATCH_PORTS / 32]; // ports with changes
    bool port_due;
    match_stats_t stats;
} match_t;

// The endpoint of an event; NULL: none.
endpoint_t *match_endpoint(const match_t *m, uint32_t slot, uint32_t dci);
// Take an event.  false: the queue has no room, nothing was taken.  IRQ-safe.
bool match_event(match_t *m, const trb_t *event, uint64_t now_us);
// Queue a record; false: no room.  IRQ-safe.
bool match_put(match_t *m, const record_t *r);
// The next record; ports last.  false: none.
bool match_next(match_t *m, record_t *out);
// Records waiting, ports too.
uint32_t match_queued(const match_t *m);

#endif
