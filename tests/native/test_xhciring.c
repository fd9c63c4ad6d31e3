// SPDX-License-Identifier: MIT
// area: usb
// sources: modules/xhciring/producer.c modules/xhciring/tds.c modules/xhciring/events.c modules/xhciring/match.c modules/xhciring/history.c
#include <errno.h>

#include "check.h"
#include "xhcimodel.h"

static model_ring_t *ring(model_t *m, unsigned i) {
    return &m->rings[i];
}

static producer_t *producer(model_t *m, unsigned i) {
    return &m->rings[i].ep.producer;
}

static int submit(model_t *m, unsigned i, uint64_t address, uint32_t bytes, int32_t cookie) {
    span_t span = {address, bytes};
    return producer_transfer(producer(m, i), &span, 1, cookie, 0);
}

static int command(model_t *m, int32_t cookie) {
    trb_t trb = {.control = TRB_TYPE(23)};
    return producer_command(producer(m, 0), &trb, cookie, 0);
}

static record_t next(model_t *m) {
    record_t r = {.cookie = -99};
    match_next(&m->match, &r);
    return r;
}

static void event(model_t *m, trb_t e) {
    CHECK(match_event(&m->match, &e, 7));
}

static void about(model_t *m, unsigned i, uint64_t address, unsigned code, uint32_t residual) {
    event(m, model_about(ring(m, i), address, code, residual));
}

static void check_record(model_t *m, int32_t cookie, unsigned code, uint32_t actual) {
    record_t r = next(m);
    CHECK_EQ(r.cookie, cookie);
    CHECK_EQ(r.code, code);
    CHECK_EQ(r.actual, actual);
}

static model_td_t td;

#define IN_DATA (TRB_TYPE(TRB_DATA) | TRB_IN | TRB_ISP | 1)
#define STATUS_IN (TRB_TYPE(TRB_STATUS) | TRB_IOC | TRB_IN | 1)

// The table of reference §6.8, as Linux sends it.
TEST(control_stages) {
    model_t *m = model_new(1, 16, 8, 16, 1);
    static const uint8_t get[8] = {0x80, 6, 0, 1, 0, 0, 18, 0};
    static const uint8_t set[8] = {0x21, 9, 0, 2, 0, 0, 1, 0};
    static const uint8_t configure[8] = {0, 9, 1, 0, 0, 0, 0, 0};
    producer_t *p = producer(m, 1);
    CHECK_EQ(producer_control(p, get, (span_t) {0x1000, 18}, 1, 0), 0);
    CHECK_EQ(producer_control(p, set, (span_t) {0x2000, 1}, 2, 0), 0);
    CHECK_EQ(producer_control(p, configure, (span_t) {0, 0}, 3, 0), 0);
    CHECK_EQ(producer_control(p, get, (span_t) {0x1000, 17}, 4, 0), -EINVAL);
    CHECK_EQ(p->alive, 3);

    CHECK(model_take(ring(m, 1), &td) && td.n == 3);
    CHECK_EQ(td.trb[0].parameter, 0x0012000001000680);
    CHECK_EQ(td.trb[0].status, 8);
    CHECK_EQ(td.trb[0].control, TRB_TYPE(TRB_SETUP) | TRB_IDT | 3u << 16 | 1);
    CHECK_EQ(td.trb[1].parameter, 0x1000);
    CHECK_EQ(td.trb[1].status, 18);
    CHECK_EQ(td.trb[1].control, IN_DATA);
    CHECK_EQ(td.trb[2].control, TRB_TYPE(TRB_STATUS) | TRB_IOC | 1);

    CHECK(model_take(ring(m, 1), &td) && td.n == 3);
    CHECK_EQ(td.trb[0].control, TRB_TYPE(TRB_SETUP) | TRB_IDT | 2u << 16 | 1);
    CHECK_EQ(td.trb[1].control, TRB_TYPE(TRB_DATA) | 1);
    CHECK_EQ(td.trb[2].control, STATUS_IN);

    CHECK(model_take(ring(m, 1), &td) && td.n == 2);
    CHECK_EQ(td.trb[0].control, TRB_TYPE(TRB_SETUP) | TRB_IDT | 1);
    CHECK_EQ(td.trb[1].control, STATUS_IN);
    CHECK(!model_take(ring(m, 1), &td));
    model_free(m);
}

TEST(data_in_several_trbs) {
    model_t *m = model_new(1, 16, 8, 16, 1);
    CHECK_EQ(submit(m, 2, 0x1fff0, 0x10 + 0x10000 + 0x20, 5), 0);
    CHECK(model_take(ring(m, 2), &td) && td.n == 3);
    CHECK_EQ(td.trb[0].parameter, 0x1fff0);
    CHECK_EQ(td.trb[1].parameter, 0x20000);
    CHECK_EQ(td.trb[2].parameter, 0x30000);
    CHECK_EQ(td.trb[0].status, 0x10 | 31u << 17);
    CHECK_EQ(td.trb[1].status, 0x10000 | 1u << 17);
    CHECK_EQ(td.trb[2].status, 0x20);
    CHECK_EQ(td.trb[0].control, TRB_TYPE(TRB_NORMAL) | TRB_CHAIN | TRB_ISP | 1);
    CHECK_EQ(td.trb[1].control, TRB_TYPE(TRB_NORMAL) | TRB_CHAIN | TRB_ISP | 1);
    CHECK_EQ(td.trb[2].control, TRB_TYPE(TRB_NORMAL) | TRB_IOC | TRB_ISP | 1);
    // OUT: no ISP.  Without data, one TRB.
    CHECK_EQ(submit(m, 3, 0x5000, 0, 6), 0);
    CHECK(model_take(ring(m, 3), &td) && td.n == 1);
    CHECK_EQ(td.trb[0].status, 0);
    CHECK_EQ(td.trb[0].control, TRB_TYPE(TRB_NORMAL) | TRB_IOC | 1);
    // Pieces anywhere, empty ones too.
    span_t spans[] = {{0x7000, 0x400}, {0, 0}, {0x9000, 0x300}, {0xfffe, 4}, {0, 0}};
    CHECK_EQ(producer_transfer(producer(m, 3), spans, 5, 7, 0), 0);
    CHECK(model_take(ring(m, 3), &td) && td.n == 4);
    CHECK_EQ(td.trb[0].status, 0x400 | 1u << 17);
    CHECK_EQ(td.trb[1].status, 0x300 | 1u << 17);
    CHECK_EQ(td.trb[2].status, 2 | 1u << 17);
    CHECK_EQ(td.trb[3].status, 2);
    model_free(m);
}

TEST(td_size_before_1_0) {
    model_t *m = model_new(1, 16, 8, 16, 1);
    producer(m, 2)->legacy = true;
    CHECK_EQ(submit(m, 2, 0x1f000, 0x3000, 1), 0);
    CHECK(model_take(ring(m, 2), &td) && td.n == 2);
    CHECK_EQ(td.trb[0].status, 0x1000 | 12u << 17);
    CHECK_EQ(td.trb[1].status, 0x2000 | 8u << 17);
    model_free(m);
}

TEST(immediate_data) {
    model_t *m = model_new(1, 16, 8, 16, 1);
    CHECK_EQ(producer_immediate(producer(m, 3), "abcdefgh", 8, 1, 0), 0);
    CHECK_EQ(producer_immediate(producer(m, 3), "abcdefghi", 9, 1, 0), -EINVAL);
    CHECK_EQ(producer_immediate(producer(m, 2), "a", 1, 1, 0), -EINVAL);
    CHECK(model_take(ring(m, 3), &td) && td.n == 1);
    CHECK(memcmp(&td.trb[0].parameter, "abcdefgh", 8) == 0);
    CHECK_EQ(td.trb[0].status, 8);
    CHECK_EQ(td.trb[0].control, TRB_TYPE(TRB_NORMAL) | TRB_IDT | TRB_IOC | 1);
    model_free(m);
}

TEST(what_no_ring_has) {
    model_t *m = model_new(1, 16, 8, 8, 1);
    CHECK_EQ(submit(m, 2, 0, 7 * 65536 + 1, 1), -EINVAL);
    CHECK_EQ(submit(m, 2, 0xffffffffffffff00, 0x101, 1), -EINVAL);
    CHECK_EQ(submit(m, 2, 0, 7 * 65536, 1), 0);
    CHECK_EQ(submit(m, 2, 0, 1, 1), -ENOSPC);
    model_free(m);
}

TEST(links) {
    model_t *m = model_new(1, 16, 8, 4, 2);
    producer_t *p = producer(m, 2);
    CHECK_EQ(submit(m, 2, 0, 65536, 0), 0);
    CHECK_EQ(p->enqueue, 1);
    CHECK_EQ(submit(m, 2, 0, 3 * 65536, 1), 0); // a Link at 1, TRBs 4 to 6
    CHECK_EQ(p->enqueue, 7);
    CHECK_EQ(p->trbs[0][1].control, TRB_TYPE(TRB_LINK) | 1);
    CHECK_EQ(p->trbs[0][1].parameter, p->phys[1]);
    CHECK_EQ(p->trbs[0][2].control & 1, 1); // left out: not valid in the next lap
    CHECK_EQ(p->trbs[0][3].control & 1, 1);
    CHECK_EQ(producer_room(p), 0);
    CHECK(model_take(ring(m, 2), &td) && td.n == 1);
    about(m, 2, td.address[0], CC_SUCCESS, 0);
    CHECK(model_take(ring(m, 2), &td) && td.n == 3);
    // The Link at 1 is still the controller's until the TD behind it ends.
    CHECK_EQ(producer_room(p), 0);
    about(m, 2, td.address[2], CC_SUCCESS, 0);
    CHECK_EQ(producer_room(p), 3);
    CHECK_EQ(submit(m, 2, 0, 65536, 2), 0);
    CHECK_EQ(p->trbs[1][3].control, TRB_TYPE(TRB_LINK) | TRB_TOGGLE | 1);
    CHECK(model_take(ring(m, 2), &td) && td.n == 1);
    CHECK_EQ(td.address[0], p->phys[0]);
    CHECK_EQ(td.trb[0].control & 1, 0);
    CHECK_EQ(ring(m, 2)->cycle, 0);
    model_free(m);
}

TEST(short_packets) {
    model_t *m = model_new(1, 16, 8, 16, 1);
    static const uint8_t get[8] = {0x80, 6, 0, 3, 0, 0, 255, 0};
    CHECK_EQ(producer_control(producer(m, 1), get, (span_t) {0x1000, 255}, 1, 0), 0);
    CHECK(model_take(ring(m, 1), &td));
    about(m, 1, td.address[1], CC_SHORT, 251);
    CHECK_EQ(match_queued(&m->match), 0);
    about(m, 1, td.address[2], CC_SUCCESS, 0);
    check_record(m, 1, CC_SUCCESS, 4);
    // In the middle of a TD: its end.  What the controller says afterwards is late.
    CHECK_EQ(submit(m, 2, 0xff00, 0x20200, 2), 0);
    CHECK(model_take(ring(m, 2), &td) && td.n == 4);
    about(m, 2, td.address[1], CC_SHORT, 0x10);
    check_record(m, 2, CC_SHORT, 0x100 + 0xfff0);
    about(m, 2, td.address[3], CC_SHORT, 0x100);
    CHECK_EQ(m->match.stats.late, 1);
    // Success with a residual, as some say, also in the middle.
    CHECK_EQ(submit(m, 2, 0xff00, 0x200, 8), 0);
    CHECK(model_take(ring(m, 2), &td) && td.n == 2);
    about(m, 2, td.address[0], CC_SUCCESS, 0);
    CHECK_EQ(match_queued(&m->match), 0);
    about(m, 2, td.address[0], CC_SUCCESS, 1);
    check_record(m, 8, CC_SUCCESS, 0xff);
    CHECK_EQ(submit(m, 2, 0, 64, 3), 0);
    CHECK(model_take(ring(m, 2), &td));
    about(m, 2, td.address[0], CC_SUCCESS, 56);
    check_record(m, 3, CC_SUCCESS, 8);
    // More left than there was.
    CHECK_EQ(submit(m, 2, 0, 64, 4), 0);
    CHECK(model_take(ring(m, 2), &td));
    about(m, 2, td.address[0], CC_SHORT, 0xffffff);
    check_record(m, 4, CC_SHORT, 0);
    model_free(m);
}

TEST(stalls) {
    model_t *m = model_new(1, 16, 8, 16, 1);
    static const uint8_t get[8] = {0x80, 6, 0, 3, 0, 0, 255, 0};
    endpoint_t *ep = &ring(m, 1)->ep;
    for (unsigned at = 0; at < 3; at++) {
        CHECK_EQ(producer_control(&ep->producer, get, (span_t) {0x1000, 255}, 1, 0), 0);
        CHECK_EQ(producer_control(&ep->producer, get, (span_t) {0x1000, 255}, 2, 0), 0);
        CHECK(model_take(ring(m, 1), &td));
        about(m, 1, td.address[at], 6, at == 1 ? 200 : 0);
        check_record(m, 1, 6, at == 0 ? 0 : at == 1 ? 55 : 255);
        CHECK(ep->held);
        ep->held = false;
        CHECK(model_take(ring(m, 1), &td));
        CHECK_EQ(producer_position(&ep->producer), td.address[0] | ring(m, 1)->cycle);
        about(m, 1, td.address[2], CC_SUCCESS, 0);
        check_record(m, 2, CC_SUCCESS, 255);
        CHECK(!ep->held);
    }
    // A command that fails leaves its ring running.
    CHECK_EQ(command(m, 3), 0);
    CHECK(model_take(ring(m, 0), &td));
    about(m, 0, td.address[0], 9, 0);
    check_record(m, 3, 9, 0);
    CHECK(!ring(m, 0)->ep.held);
    model_free(m);
}

TEST(stopped) {
    model_t *m = model_new(1, 16, 8, 16, 1);
    CHECK_EQ(submit(m, 2, 0xff00, 0x10100, 1), 0);
    CHECK(model_take(ring(m, 2), &td) && td.n == 2);
    td_t *t = producer_find(producer(m, 2), 1);
    about(m, 2, td.address[1], CC_STOPPED, 0x8000);
    CHECK_EQ(t->actual, 0x8100);
    about(m, 2, td.address[1], CC_STOPPED_LENGTH, 0x1234);
    CHECK_EQ(t->actual, 0x100);
    about(m, 2, td.address[1], CC_STOPPED_SHORT, 0x4321);
    CHECK_EQ(t->actual, 0x4321);
    about(m, 2, td.address[1], CC_STOPPED_SHORT, 0xffffff);
    CHECK_EQ(t->actual, 0x10100);
    CHECK_EQ(match_queued(&m->match), 0);
    about(m, 2, td.address[1], CC_SUCCESS, 0);
    check_record(m, 1, CC_SUCCESS, 0x10100);
    // Between a short data stage and its status stage.
    static const uint8_t get[8] = {0x80, 6, 0, 3, 0, 0, 255, 0};
    CHECK_EQ(producer_control(producer(m, 1), get, (span_t) {0x1000, 255}, 3, 0), 0);
    CHECK(model_take(ring(m, 1), &td));
    about(m, 1, td.address[1], CC_SHORT, 251);
    about(m, 1, td.address[2], CC_STOPPED, 0);
    CHECK_EQ(producer_find(producer(m, 1), 3)->actual, 4);
    about(m, 1, td.address[2], CC_SUCCESS, 0);
    check_record(m, 3, CC_SUCCESS, 4);
    // The command ring: no command has ended.
    CHECK_EQ(command(m, 2), 0);
    about(m, 0, producer_address(producer(m, 0), 0), CC_COMMAND_RING_STOPPED, 0);
    check_record(m, -1, CC_COMMAND_RING_STOPPED, 0);
    CHECK_EQ(producer(m, 0)->alive, 1);
    model_free(m);
}

TEST(events_of_nobody) {
    model_t *m = model_new(1, 16, 8, 16, 1);
    CHECK_EQ(submit(m, 2, 0, 64, 1), 0);
    CHECK_EQ(command(m, 2), 0);
    CHECK(model_take(ring(m, 2), &td));
    trb_t good = model_about(ring(m, 2), td.address[0], CC_SUCCESS, 0);
    const trb_t bad[] = {
        {good.parameter + 8, good.status, good.control},        // misaligned
        {good.parameter + 0x1000, good.status, good.control},   // beyond
        {good.parameter - 16, good.status, good.control},       // before
        {0, good.status, good.control},                         //
        {~0ull, good.status, good.control},                     //
        {good.parameter, good.status, good.control ^ 1u << 24}, // another slot
        {good.parameter, good.status, good.control | 3u << 24},
        {good.parameter, good.status, good.control | 255u << 24},
        {good.parameter, good.status, good.control & 0xffffff},
        {good.parameter, good.status, good.control ^ 1u << 16}, // another endpoint
        {good.parameter, good.status, good.control | 31u << 16},
        {good.parameter, good.status, good.control | TRB_EVENT_DATA},
        {good.parameter, (uint32_t)CC_UNDERRUN << 24, good.control},
        {good.parameter, good.status, TRB_TYPE(TRB_EV_COMMAND)}, // a transfer's, as a command's
        {good.parameter, good.status, TRB_TYPE(TRB_NORMAL)},     // no event at all
        {good.parameter, good.status, TRB_TYPE(40)},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        event(m, bad[i]);
        CHECK_EQ(m->match.stats.foreign, i + 1);
    }
    about(m, 2, td.address[0] + 16, CC_SUCCESS, 0); // a TRB without a TD
    CHECK_EQ(m->match.stats.late, 1);
    CHECK_EQ(match_queued(&m->match), 0);
    event(m, good);
    check_record(m, 1, CC_SUCCESS, 64);
    event(m, good); // twice
    CHECK_EQ(m->match.stats.late, 2);
    CHECK_EQ(match_queued(&m->match), 0);
    model_free(m);
}

// After 2^32 TDs.
TEST(a_number_that_comes_again) {
    model_t *m = model_new(1, 16, 8, 16, 1);
    producer_t *p = producer(m, 2);
    p->serial = p->shadows[5].td;
    CHECK_EQ(submit(m, 2, 0, 64, 1), 0);
    about(m, 2, producer_address(p, 5), CC_SUCCESS, 0);
    CHECK_EQ(m->match.stats.late, 1);
    CHECK_EQ(p->alive, 1);
    model_free(m);
}

TEST(events_that_did_not_come) {
    model_t *m = model_new(1, 16, 4, 16, 1);
    uint64_t at[6];
    for (int32_t i = 0; i < 6; i++) {
        CHECK_EQ(submit(m, 2, 0, 64, i), 0);
        CHECK(model_take(ring(m, 2), &td));
        at[i] = td.address[0];
    }
    // More records than the queue has room for: the event stays until all are out.
    trb_t last = model_about(ring(m, 2), at[5], CC_SUCCESS, 4);
    CHECK(!match_event(&m->match, &last, 0));
    for (int32_t i = 0; i < 4; i++) {
        check_record(m, i, CC_LOST, 0);
    }
    event(m, last);
    check_record(m, 4, CC_LOST, 0);
    check_record(m, 5, CC_SUCCESS, 60);
    CHECK_EQ(m->match.stats.lost, 5);
    CHECK_EQ(m->match.stats.events, 1);
    model_free(m);
}

TEST(a_full_queue_loses_nothing) {
    model_t *m = model_new(2, 16, 4, 16, 1);
    for (int32_t i = 0; i < 10; i++) {
        CHECK_EQ(submit(m, 2, 0, 64, i), 0);
        CHECK(model_take(ring(m, 2), &td));
        CHECK(model_event(m, model_about(ring(m, 2), td.address[0], CC_SUCCESS, 0)));
    }
    for (int32_t i = 0; i < 10; i++) {
        model_drain(m, 100);
        check_record(m, i, CC_SUCCESS, 64);
    }
    CHECK_EQ(m->match.stats.full, 6);
    model_free(m);
}

TEST(event_ring_around_its_segments) {
    model_t *m = model_new(3, 16, 64, 16, 1);
    trb_t change = {5ull << 24, (uint32_t)CC_SUCCESS << 24, TRB_TYPE(TRB_EV_PORT)};
    for (int lap = 0; lap < 200; lap++) {
        unsigned n = 0;
        while (n < (unsigned)lap % 50 && model_event(m, change)) {
            n++;
        }
        CHECK(n == (unsigned)lap % 50 || m->full);
        model_drain(m, 100);
        CHECK_EQ(m->erdp & 7, m->events.segment);
        CHECK_EQ(m->erdp & ~7ull, m->events.phys[m->events.segment] + 16 * m->events.index);
        for (record_t r = {0}; match_next(&m->match, &r);) {
            CHECK(r.kind == TRB_EV_HOST ? r.code == CC_EVENT_RING_FULL : r.where == 5);
        }
    }
    model_free(m);
}

TEST(ports_are_told_once) {
    model_t *m = model_new(1, 16, 4, 16, 1);
    static const uint8_t ports[] = {3, 255, 0, 3, 64, 3, 31, 32};
    for (size_t i = 0; i < sizeof(ports); i++) {
        event(m, (trb_t) {(uint64_t)ports[i] << 24, 0, TRB_TYPE(TRB_EV_PORT)});
    }
    static const uint8_t told[] = {0, 3, 31, 32, 64, 255};
    CHECK_EQ(match_queued(&m->match), sizeof(told));
    for (size_t i = 0; i < sizeof(told); i++) {
        record_t r = next(m);
        CHECK_EQ(r.kind, TRB_EV_PORT);
        CHECK_EQ(r.where, told[i]);
    }
    CHECK_EQ(next(m).cookie, -99);
    model_free(m);
}

TEST(cancelled) {
    model_t *m = model_new(1, 16, 8, 8, 1);
    producer_t *p = producer(m, 2);
    for (int32_t i = 0; i < 4; i++) {
        CHECK_EQ(submit(m, 2, 0x1000 * (uint64_t)i, 64, i), 0);
    }
    about(m, 2, producer_address(p, 0), CC_STOPPED, 60);
    CHECK(!producer_cancel(p, producer_find(p, 2), 0)); // between others
    CHECK(!producer_cancel(p, producer_find(p, 3), 0)); // the last
    CHECK(producer_find(p, 2) == NULL);
    CHECK(producer_cancel(p, producer_find(p, 0), 0)); // the first
    CHECK_EQ(producer_position(p), producer_address(p, 1) | 1);
    model_go_on(ring(m, 2), producer_position(p));
    CHECK(model_take(ring(m, 2), &td));
    CHECK_EQ(td.trb[0].parameter, 0x1000);
    CHECK(!model_take(ring(m, 2), &td));
    about(m, 2, producer_address(p, 2), CC_SUCCESS, 0); // of the dead
    CHECK_EQ(m->match.stats.late, 1);
    about(m, 2, producer_address(p, 1), CC_SUCCESS, 0);
    check_record(m, 1, CC_SUCCESS, 64);
    CHECK_EQ(p->count, 0);
    // The way past them is there until the controller has taken it.
    CHECK_EQ(submit(m, 2, 0, 65536, 4), 0);
    CHECK_EQ(producer_room(p), 2);
    CHECK(model_take(ring(m, 2), &td));
    CHECK_EQ(td.address[0], producer_address(p, 4));
    about(m, 2, td.address[0], CC_SUCCESS, 0);
    check_record(m, 4, CC_SUCCESS, 65536);
    CHECK_EQ(producer_room(p), 4);
    // Nothing of the first has been moved: it can begin anew.
    CHECK_EQ(submit(m, 2, 0, 64, 5), 0);
    CHECK_EQ(submit(m, 2, 0, 64, 6), 0);
    CHECK(producer_cancel(p, producer_find(p, 6), 0));
    CHECK_EQ(producer_position(p), producer_address(p, 5) | 1);
    model_free(m);
}

TEST(past) {
    model_t *m = model_new(1, 16, 8, 256, 2);
    const history_t *h = producer(m, 0)->history;
    history_entry_t e;
    CHECK_EQ(history_count(h), 0);
    CHECK(!history_get(h, 0, &e) && !history_get(h, ~0u, &e));
    for (int32_t i = 0; i < 300; i++) {
        CHECK_EQ(command(m, i), 0);
        CHECK(model_take(ring(m, 0), &td));
        if (i % 2 == 0) {
            about(m, 0, td.address[0], CC_SUCCESS, 3);
            next(m);
        } else {
            CHECK_EQ(producer_cancel(producer(m, 0), producer_find(producer(m, 0), i), 0), true);
        }
        uint32_t count = (uint32_t)i + 1 + (i >= 255); // and a Link
        CHECK_EQ(h->total, count);
        CHECK_EQ(history_count(h), count < HISTORY_ENTRIES ? count : HISTORY_ENTRIES);
        CHECK(history_get(h, count - 1, &e) && !history_get(h, count, &e));
        CHECK(history_get(h, count - HISTORY_ENTRIES, &e) == (count >= HISTORY_ENTRIES));
        CHECK(!history_get(h, count - HISTORY_ENTRIES - 1, &e));
        CHECK(history_get(h, count - 1, &e));
        CHECK_EQ(e.address, td.address[0]);
        CHECK_EQ(e.code, i % 2 == 0);
        CHECK_EQ(e.residual, i % 2 == 0 ? 3 : 0);
        CHECK_EQ(e.took_us, i % 2 == 0 ? 7 : 0);
    }
    history_t *own = producer(m, 1)->history;
    trb_t trb = {1, 2, 3};
    uint32_t first = history_put(own, 10, 4096, &trb);
    history_end(own, first, 10 + (1ull << 40), 1, 0);
    CHECK(history_get(own, first, &e));
    CHECK_EQ(e.took_us, HISTORY_LONG);
    for (int i = 0; i < HISTORY_ENTRIES; i++) {
        history_put(own, 20, 4096, &trb);
    }
    history_end(own, first, 30, 99, 0); // pushed out
    for (uint32_t i = 1; i <= HISTORY_ENTRIES; i++) {
        CHECK(history_get(own, first + i, &e));
        CHECK_EQ(e.code, 0);
    }
    own->total = 0; // it wrapped
    CHECK_EQ(history_count(own), HISTORY_ENTRIES);
    model_free(m);
}
