// SPDX-License-Identifier: MIT
// area: usb
// sources: modules/xhciring/producer.c modules/xhciring/tds.c modules/xhciring/events.c modules/xhciring/match.c modules/xhciring/history.c
#include "xhciring.h"

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
    CHECK_EQ(producer_position(p, 0), producer_address(p, 1) | 1);
    model_go_on(ring(m, 2), producer_position(p, 0));
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
    CHECK_EQ(producer_position(p, 0), producer_address(p, 5) | 1);
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
