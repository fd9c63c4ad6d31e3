// SPDX-License-Identifier: MIT
// What tests of modules/xhciring do with a model of a controller.

#ifndef PYRALLAX_TESTS_XHCIRING_H
#define PYRALLAX_TESTS_XHCIRING_H

#include <errno.h>

#include "check.h"
#include "xhcimodel.h"

static inline model_ring_t *ring(model_t *m, unsigned i) {
    return &m->rings[i];
}

static inline producer_t *producer(model_t *m, unsigned i) {
    return &m->rings[i].ep.producer;
}

static inline int submit(model_t *m, unsigned i, uint64_t address, uint32_t bytes, int32_t cookie) {
    span_t span = {address, bytes};
    return producer_transfer(producer(m, i), &span, 1, cookie, 0);
}

static inline int command(model_t *m, int32_t cookie) {
    trb_t trb = {.control = TRB_TYPE(23)};
    return producer_command(producer(m, 0), &trb, cookie, 0);
}

static inline record_t next(model_t *m) {
    record_t r = {.cookie = -99};
    match_next(&m->match, &r);
    return r;
}

static inline void event(model_t *m, trb_t e) {
    CHECK(match_event(&m->match, &e, 7));
}

static inline void about(model_t *m, unsigned i, uint64_t address, unsigned code,
                         uint32_t residual) {
    event(m, model_about(ring(m, i), address, code, residual));
}

static inline void check_record(model_t *m, int32_t cookie, unsigned code, uint32_t actual) {
    record_t r = next(m);
    CHECK_EQ(r.cookie, cookie);
    CHECK_EQ(r.code, code);
    CHECK_EQ(r.actual, actual);
}

static model_td_t td;

#endif
