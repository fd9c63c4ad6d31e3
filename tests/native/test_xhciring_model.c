// SPDX-License-Identifier: MIT
// area: usb
// sources: modules/xhciring/producer.c modules/xhciring/tds.c modules/xhciring/events.c modules/xhciring/match.c modules/xhciring/history.c
// Thousands of TDs on four rings, taken by a controller that is slow, cuts packets short, stalls, forgets events, sends
// others twice or about nothing, and whose event ring and records' queue run full.  Every TD ends once, in order, as it
// went.
#include <errno.h>

#include "check.h"
#include "xhcimodel.h"

#define WANTS 8192 // power of two

typedef struct {
    int32_t cookie;
    uint32_t bytes;
    bool control, in;
    // as the controller ended it
    unsigned code;
    uint32_t actual;
    bool taken;
} want_t;

// TDs of a ring without a record yet: in order, the taken ones first.
typedef struct {
    want_t want[WANTS];
    uint32_t head, count;
} wants_t;

static uint64_t seed;
static model_t *m;
static wants_t wants[MODEL_RINGS];
static int32_t cookies;
static uint32_t records, laps, missed, stalls, shorts, cancels, refused, full; // in all runs
static match_stats_t all;

static uint32_t any(uint32_t n) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 20) % n;
}

static want_t *want_at(wants_t *w, uint32_t i) {
    return &w->want[(w->head + i) % WANTS];
}

// ---- software

static void settle(void);

static void submit(unsigned i) {
    producer_t *p = &m->rings[i].ep.producer;
    if (p->count == 0 && p->begin != p->enqueue) {
        settle(); // what is behind cancelled TDs is used again only by somebody who takes his time
    }
    want_t want = {.cookie = cookies, .in = p->in};
    uint32_t longest = any(3) ? 4096 : 65536 * (p->entries > 16 ? 6 : 3);
    span_t span = {0x1000000000ull + any(1 << 24), any(5) ? 1 + any(longest) : 0};
    uint32_t cycle = p->cycle;
    int result;
    if (i == 0) {
        trb_t trb = {(uint64_t)cookies << 4, 0, TRB_TYPE(9 + any(14))};
        span.bytes = 0;
        result = producer_command(p, &trb, cookies, 0);
    } else if (i == 1) {
        span.bytes %= 65536;
        want.control = true;
        want.in = any(2);
        uint8_t setup[8] = {want.in ? 0x80 : 0,        1, 2, 3, 4, 5, (uint8_t)span.bytes,
                            (uint8_t)(span.bytes >> 8)};
        result = producer_control(p, setup, span, cookies, 0);
    } else if (i == 3 && any(4) == 0) {
        span.bytes %= 9;
        result = producer_immediate(p, "12345678", span.bytes, cookies, 0);
    } else {
        result = producer_transfer(p, &span, 1, cookies, 0);
    }
    if (result != 0) {
        CHECK(result == -ENOSPC || (result == -EINVAL && p->entries < 8));
        refused++;
        return;
    }
    laps += p->cycle != cycle;
    want.bytes = span.bytes;
    *want_at(&wants[i], wants[i].count++) = want;
    cookies++;
}

static void take_record(void) {
    record_t r;
    if (!match_next(&m->match, &r) || r.kind == TRB_EV_HOST || r.kind == TRB_EV_PORT) {
        return;
    }
    for (unsigned i = 0; i < MODEL_RINGS; i++) {
        model_ring_t *ring = &m->rings[i];
        if ((i == 0) != (r.kind == TRB_EV_COMMAND) ||
            (i != 0 && (ring->slot != r.slot || ring->dci != r.where))) {
            continue;
        }
        want_t *w = want_at(&wants[i], 0);
        CHECK(wants[i].count != 0 && w->taken);
        CHECK_EQ(r.cookie, w->cookie);
        CHECK_EQ(r.code, w->code);
        if (i != 0) {
            CHECK_EQ(r.actual, w->actual);
        }
        wants[i].head++;
        wants[i].count--;
        records++;
    }
}

static void settle(void) {
    do {
        model_drain(m, 1000);
        while (match_queued(&m->match) != 0) {
            take_record();
        }
    } while (events_peek(&m->events, &(trb_t) {0}));
}

// TDs whose events are missing begin again when the controller is sent there.
static void go_on(unsigned i) {
    producer_rewind(&m->rings[i].ep.producer);
    model_go_on(&m->rings[i], producer_position(&m->rings[i].ep.producer, 0));
    for (uint32_t k = 0; k < wants[i].count; k++) {
        want_at(&wants[i], k)->taken = false;
    }
    m->rings[i].ep.held = false;
}

static void recover(unsigned i) {
    if (m->rings[i].ep.held) {
        settle();
        go_on(i);
    }
}

static void cancel(unsigned i) {
    wants_t *w = &wants[i];
    producer_t *p = &m->rings[i].ep.producer;
    settle();
    recover(i);
    CHECK_EQ(p->alive, w->count);
    if (w->count == 0) {
        return;
    }
    uint32_t k = any(w->count);
    bool first = producer_cancel(p, producer_find(p, want_at(w, k)->cookie), 0);
    CHECK(first || (k != 0 && producer_oldest(p)->actual != 0));
    for (; k + 1 < w->count; k++) {
        *want_at(w, k) = *want_at(w, k + 1);
    }
    w->count--;
    if (first) {
        go_on(i);
    }
    cancels++;
}

// ---- the controller

// What a TD must look like.
static void check_td(const model_td_t *td, const want_t *w, const producer_t *p) {
    uint32_t first = w->control, last = td->n - 1 - w->control, bytes = 0;
    for (uint32_t i = first; i < td->n && i <= last && (!w->control || w->bytes); i++) {
        uint32_t n = td->trb[i].status & 0x1ffff, left = td->trb[i].status >> 17 & 31;
        CHECK(n <= 65536 &&
              (td->trb[i].control & TRB_IDT || (td->trb[i].parameter & 0xffff) + n <= 65536));
        CHECK_EQ((td->trb[i].control & TRB_CHAIN) != 0, i != last);
        CHECK_EQ((td->trb[i].control & TRB_IOC) != 0, i == last && !w->control);
        CHECK_EQ((td->trb[i].control & TRB_ISP) != 0, w->in);
        bytes += n;
        uint32_t packets = (w->bytes + p->mps - 1) / p->mps - bytes / p->mps;
        CHECK_EQ(left, bytes == w->bytes ? 0 : packets < 31 ? packets : 31);
    }
    CHECK_EQ(bytes, w->bytes);
    CHECK_EQ(td->address[0] >> 16, td->address[td->n - 1] >> 16);
}

// About a TRB of no TD, or of none that there is.
static void post_foreign(void) {
    const model_ring_t *r = &m->rings[any(MODEL_RINGS)];
    CHECK(model_event(m, model_about(r, any(2) ? r->at + 8 : any(1u << 31), 1 + any(20), any(99))));
}

// last: the TRB is the last of its TD, and not used again before the next event.
static void post(trb_t event, bool last) {
    if (any(20) == 0) {
        post_foreign();
    }
    CHECK(model_event(m, event));
    if (last && any(40) == 0) {
        CHECK(model_event(m, event)); // twice
    }
}

#define POSTED 6 // events of one TD at most

// The event ring is as good as full: fill it until the controller says so.
static void fill(void) {
    if (model_event_room(m, 1)) {
        post_foreign();
    } else {
        full += !m->full;
        model_event(m, (trb_t) {0});
    }
}

static void execute(unsigned i) {
    static model_td_t td;
    model_ring_t *r = &m->rings[i];
    wants_t *ws = &wants[i];
    uint32_t k = 0;
    if (!model_event_room(m, POSTED)) {
        fill();
        return;
    }
    if (r->ep.held || !model_take(r, &td)) {
        return;
    }
    while (k < ws->count && want_at(ws, k)->taken) {
        k++;
    }
    CHECK(k < ws->count);
    want_t *w = want_at(ws, k);
    if (i != 0) {
        check_td(&td, w, &r->ep.producer);
    }
    // The TRB at which it ends, and how many bytes of that are left.
    uint32_t end = td.n - 1, left = 0, status = td.n - 1;
    unsigned code = CC_SUCCESS;
    bool data = i != 0 && w->bytes != 0;
    if (data && any(3) == 0) {
        end = w->control ? 1 + any(td.n - 2) : any(td.n);
        left = any((td.trb[end].status & 0x1ffff) + 1);
        code = any(3) ? CC_SHORT : 6;
    } else if (any(12) == 0) {
        end = any(td.n);
        left = td.trb[end].status & 0x1ffff;
        code = i == 0 ? 19 : 4;
        left = w->control && (end == 0 || end == status) ? 0 : left;
    }
    if (code == CC_SHORT && left == 0) {
        code = CC_SUCCESS;
        end = status;
    }
    uint32_t actual = 0;
    for (uint32_t t = w->control; i != 0 && t <= end && t < td.n - w->control; t++) {
        actual += td.trb[t].status & 0x1ffff;
    }
    actual -= data && end < td.n - w->control && end >= w->control ? left : 0;
    uint32_t told = 0; // by an event before the last
    bool miss = any(15) == 0;
    if (w->control && code == CC_SHORT) {
        post(model_about(r, td.address[end], code, left), false);
        code = CC_SUCCESS;
        end = status;
        left = 0;
        shorts++;
        told = actual;
    }
    if (!miss) {
        post(model_about(r, td.address[end], code, left), end == status);
    }
    shorts += left != 0;
    stalls += code != CC_SUCCESS && code != CC_SHORT;
    missed += miss;
    w->taken = true;
    w->code = miss ? CC_LOST : code;
    w->actual = miss ? told : actual;
    if (code != CC_SUCCESS && code != CC_SHORT && i != 0) {
        r->ep.held = true; // the endpoint has halted, whether software knows or not
        if (miss) {
            settle();
            go_on(i); // somebody's time-out
        }
    }
}

// ---- all of it

static void run(uint64_t from, uint32_t steps, uint32_t entries, uint32_t segments) {
    seed = from;
    m = model_new(1 + any(3), 16 << any(3), 4u << any(4), entries, segments);
    memset(wants, 0, sizeof(wants));
    cookies = 0;
    for (uint32_t step = 0; step < steps && check_failures == 0; step++) {
        unsigned i = any(MODEL_RINGS);
        switch (any(16)) {
            case 0:
                model_drain(m, any(20));
                break;
            case 1:
            case 2:
                take_record();
                break;
            case 3:
                recover(i);
                break;
            case 4:
                if (i != 0 && any(4) == 0) {
                    cancel(i);
                }
                break;
            case 5:
            case 6:
            case 7:
            case 8:
                submit(i);
                break;
            default:
                execute(i);
        }
    }
    settle();
    all.foreign += m->match.stats.foreign;
    all.late += m->match.stats.late;
    all.lost += m->match.stats.lost;
    all.full += m->match.stats.full;
    if (check_failures) {
        fprintf(stderr, "seed %llu, %u entries of %u: %u records %u laps\n",
                (unsigned long long)from, entries, segments, records, laps);
    }
    model_free(m);
}

// PYRALLAX_SEEDS: more of them.
static uint64_t seeds(void) {
    const char *said = getenv("PYRALLAX_SEEDS");
    return said == NULL ? 40 : strtoull(said, NULL, 10);
}

static void run_all(uint32_t steps, uint32_t entries, uint32_t segments) {
    for (uint64_t s = 1; s <= seeds() && check_failures == 0; s++) {
        run(s * 0x9e3779b97f4a7c15, steps, entries, segments);
    }
    fprintf(stderr, "%u records %u laps %u short %u stalls %u missed %u cancelled %u refused\n",
            records, laps, shorts, stalls, missed, cancels, refused);
    fprintf(stderr, "%u foreign %u late %u lost %u queue full %u ring full\n", all.foreign,
            all.late, all.lost, all.full, full);
    CHECK(laps > 400 && records > steps);
    CHECK(missed > 200 && stalls > 200 && shorts > 200 && cancels > 200 && refused > 200);
    CHECK(all.foreign > 200 && all.late > 200 && all.lost > 100 && all.full > 100 && full > 50);
}

TEST(random_small_rings) {
    run_all(20000, 8, 1);
}

TEST(random_tiny_segments) {
    run_all(20000, 4, 4);
}

TEST(random_usual_rings) {
    run_all(40000, 64, 1);
}

TEST(random_segments) {
    run_all(40000, 32, 2);
}
