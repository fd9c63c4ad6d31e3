// SPDX-License-Identifier: MIT
// A ring that software fills: TDs in order, each in one segment.  xHCI 1.2 §4.9.2, §4.9.3, §4.11.  No hardware here.
//
// Each segment ends with a Link TRB.  A TD that does not fit before it gets an early Link, so none is ever split by one.

#ifndef PYRALLAX_XHCIRING_PRODUCER_H
#define PYRALLAX_XHCIRING_PRODUCER_H

#include <stddef.h>

#include "history.h"

#define PRODUCER_SEGMENTS 8
#define PRODUCER_TRBS 32768 // of all segments

// What is known of a TRB without a look at memory that the controller can write.
typedef struct {
    uint32_t td;     // serial number of its TD, now or formerly
    uint32_t before; // bytes of data of the TD before this TRB's
    uint32_t bytes;  // of data, of this TRB
    uint32_t note;   // its number in the history
} shadow_t;

typedef struct {
    uint32_t start;       // first, or what the controller has to pass before
    uint32_t first, last; // TRBs
    uint32_t bytes;       // asked for
    uint32_t actual;      // moved, as far as events told
    int32_t cookie;
    uint8_t cycle; // of its TRBs
    bool control;  // with a setup and a status stage
    bool cut;      // the event of its data stage told less than everything
    bool dead;     // cancelled behind others: its first TRB is a Link past it
} td_t;

typedef struct {
    trb_t *trbs[PRODUCER_SEGMENTS];
    uint64_t phys[PRODUCER_SEGMENTS];
    uint32_t segments;
    uint32_t entries; // of a segment, a power of two
    uint32_t enqueue; // where the next TRB goes
    uint32_t cycle;   // of it
    uint32_t
        begin; // the controller may still have to pass what is from here to enqueue, and behind all TDs
    uint32_t serial; // of the oldest TD
    uint32_t count;  // TDs from there on
    uint32_t alive;  // of them not dead; if none, count is 0
    uint32_t mps;    // largest packet, for the TD size
    bool legacy;     // TD sizes as before xHCI 1.0
    bool in;         // data comes from the device
    td_t *tds;       // as many as there are TRBs; TD n is at n modulo that
    shadow_t *shadows;
    history_t *history;
} producer_t;

// A physically contiguous piece of data.
typedef struct {
    uint64_t address;
    uint32_t bytes;
} span_t;

// Everything but enqueue, cycle and what follows them is set; shadows and tds have an entry for each TRB.
void producer_reset(producer_t *p);
uint32_t producer_trbs(const producer_t *p);
uint64_t producer_address(const producer_t *p, uint32_t index);
// TRB at a physical address; -1: it is none of this ring's.
int32_t producer_index(const producer_t *p, uint64_t address);
// Most TRBs of one TD that fit now.
uint32_t producer_room(const producer_t *p);
// Where the controller is to go on, with the cycle bit of it; enqueue is no Link afterwards.
uint64_t producer_position(producer_t *p, uint64_t now_us);
// It was told to, so what it has not ended begins anew.
void producer_rewind(producer_t *p);

// TD n, a serial number; NULL: not pending.
td_t *producer_td(const producer_t *p, uint32_t n);
// The oldest TD that is not dead; NULL: none.
td_t *producer_oldest(const producer_t *p);
// The oldest TD has ended: its TRBs are free.
void producer_retire(producer_t *p);
// The TD with a cookie that is not dead; NULL: none has it.
td_t *producer_find(const producer_t *p, int32_t cookie);
// Take back such a TD while the controller does not work on the ring.  Whether the controller is to go on at
// producer_position; else where it stopped: in the oldest TD, with some of it moved.
bool producer_cancel(producer_t *p, td_t *td, uint64_t now_us);

// ---- tds.c: all or nothing; the doorbell is the caller's.  0, -ENOSPC, -EINVAL.  now_us: for the history.

int producer_command(producer_t *p, const trb_t *trb, int32_t cookie, uint64_t now_us);
int producer_transfer(producer_t *p, const span_t *spans, size_t n, int32_t cookie,
                      uint64_t now_us);
// At most 8 bytes, kept in the TRB.
int producer_immediate(producer_t *p, const void *data, uint32_t bytes, int32_t cookie,
                       uint64_t now_us);
int producer_control(producer_t *p, const uint8_t setup[8], span_t data, int32_t cookie,
                     uint64_t now_us);

// ---- between producer.c and tds.c

typedef struct {
    uint32_t index; // of its first TRB
    uint32_t cycle;
    uint32_t gate; // the TRB whose cycle bit hands over all of it: the first, or a Link to it
    uint32_t gate_control;
} place_t;

// Room for a TD of n TRBs; a Link to it, if there has to be one, is complete but for its cycle bit.
bool producer_place(producer_t *p, uint32_t n, place_t *place, uint64_t now_us);
// TRB i of the TD.
void producer_put(producer_t *p, place_t *place, uint32_t i, trb_t trb, uint32_t before,
                  uint32_t bytes, uint64_t now_us);
// Hand over n TRBs.
void producer_commit(producer_t *p, const place_t *place, uint32_t n, td_t td);

#endif
