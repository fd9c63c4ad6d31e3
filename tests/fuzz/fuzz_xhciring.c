// SPDX-License-Identifier: MIT
// area: usb
// sources: modules/xhciring/producer.c modules/xhciring/tds.c modules/xhciring/events.c modules/xhciring/match.c modules/xhciring/history.c
// Input: what software and a controller that lies do.  Whatever events say, a TD ends at most once, with no more bytes
// than it has.
#include "../native/xhcimodel.h"

#define REQUIRE(cond) ((cond) ? (void)0 : abort())
#define COOKIES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *input;
static size_t left;

static uint32_t byte(void) {
    return left == 0 ? 0 : (left--, *input++);
}

static uint32_t word(void) {
    uint32_t low = byte();
    return low | byte() << 8;
}

static model_t *m;
static int32_t cookies;
static uint32_t bytes_of[COOKIES];
static uint8_t ring_of[COOKIES]; // and 1; 0: not pending

static void submit(unsigned i) {
    producer_t *p = &m->rings[i].ep.producer;
    span_t span = {word() << 8, word() << 2};
    trb_t trb = {0};
    int result = -1;
    if (cookies == COOKIES) {
        return;
    }
    if (i == 0) {
        result = producer_command(p, &trb, cookies, 0);
    } else if (i == 1) {
        span.bytes &= 0xffff;
        uint8_t setup[8] = {(uint8_t)byte(), [6] = (uint8_t)span.bytes, (uint8_t)(span.bytes >> 8)};
        result = producer_control(p, setup, span, cookies, 0);
    } else {
        result = producer_transfer(p, &span, 1, cookies, 0);
    }
    if (result == 0) {
        bytes_of[cookies] = span.bytes;
        ring_of[cookies++] = (uint8_t)i + 1;
    }
}

static void lie(unsigned i) {
    const model_ring_t *r = &m->rings[i];
    const producer_t *p = &r->ep.producer;
    uint64_t at = producer_address(p, word() % producer_trbs(p));
    uint32_t how = byte();
    trb_t event =
        model_about(r, at, how & 1 ? CC_SUCCESS : byte(), how & 2 ? 0 : word() << 8 | byte());
    event.parameter ^= how & 4 ? (uint64_t)word() << (how >> 4) : 0;
    event.control ^= how & 8 ? word() << 16 | word() : 0;
    if (model_event_room(m, 1)) {
        model_event(m, event);
    }
}

static void take(void) {
    record_t r;
    if (!match_next(&m->match, &r) || r.cookie == -1) {
        return;
    }
    REQUIRE(r.cookie >= 0 && r.cookie < cookies && ring_of[r.cookie] != 0);
    REQUIRE((r.kind == TRB_EV_COMMAND) == (ring_of[r.cookie] == 1));
    REQUIRE(r.kind == TRB_EV_COMMAND || r.actual <= bytes_of[r.cookie]);
    ring_of[r.cookie] = 0;
}

static void cancel(unsigned i, int32_t cookie) {
    producer_t *p = &m->rings[i].ep.producer;
    td_t *td = producer_find(p, cookie);
    if (td != NULL) {
        REQUIRE(ring_of[cookie] == i + 1);
        producer_cancel(p, td, 0);
        ring_of[cookie] = 0;
    }
}

static void check(void) {
    uint32_t pending[MODEL_RINGS + 1] = {0};
    for (int32_t i = 0; i < cookies; i++) {
        pending[ring_of[i]]++;
    }
    for (uint32_t i = 0; i < m->match.count; i++) { // ended, but not told yet
        int32_t cookie = m->match.queue[(m->match.head + i) & (m->match.size - 1)].cookie;
        pending[cookie < 0 ? 0 : ring_of[cookie]]--;
    }
    for (unsigned i = 0; i < MODEL_RINGS; i++) {
        producer_t *p = &m->rings[i].ep.producer;
        REQUIRE(p->alive == pending[i + 1]);
        REQUIRE(p->alive <= p->count && (p->alive != 0 || p->count == 0));
        REQUIRE(p->enqueue < producer_trbs(p) && producer_room(p) < p->entries);
        REQUIRE(producer_index(p, producer_position(p, 0) & ~15ull) >= 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    input = bytes;
    left = size;
    uint32_t shape = byte();
    m = model_new(1 + (shape & 1), 16, 4, 4u << (shape >> 1 & 3), 1u << (shape >> 3 & 3));
    cookies = 0;
    while (left != 0) {
        uint32_t op = byte(), i = op >> 6;
        switch (op & 7) {
            case 0:
            case 1:
                submit(i);
                break;
            case 2:
            case 3:
            case 4:
                lie(i);
                break;
            case 5:
                model_drain(m, byte());
                break;
            case 6:
                take();
                break;
            default:
                cancel(i, (int32_t)(word() % (uint32_t)(cookies + 1)));
        }
    }
    check();
    model_free(m);
    return 0;
}
