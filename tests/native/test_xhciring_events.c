// SPDX-License-Identifier: MIT
// area: usb
// sources: modules/xhciring/producer.c modules/xhciring/tds.c modules/xhciring/events.c modules/xhciring/match.c modules/xhciring/history.c
#include "xhciring.h"

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
        CHECK_EQ(producer_position(&ep->producer, 0), td.address[0] | ring(m, 1)->cycle);
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
