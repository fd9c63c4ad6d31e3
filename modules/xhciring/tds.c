// SPDX-License-Identifier: MIT
// TRBs of TDs: commands §6.4.3, control §6.4.1.2, bulk and interrupt §6.4.1.1.

#include <errno.h>
#include <string.h>

#include "producer.h"

#define TD_SIZE_MAX 31

int producer_command(producer_t *p, const trb_t *trb, int32_t cookie, uint64_t now_us) {
    place_t place;
    if (!producer_place(p, 1, &place, now_us)) {
        return -ENOSPC;
    }
    trb_t t = *trb;
    t.control &= ~TRB_CYCLE;
    producer_put(p, &place, 0, t, 0, 0, now_us);
    producer_commit(p, &place, 1, (td_t) {.cookie = cookie});
    return 0;
}

// ---- data

static uint32_t to_boundary(uint64_t address) {
    return TRB_BYTES_MAX - (uint32_t)(address & (TRB_BYTES_MAX - 1));
}

// TRBs of that data, 0: none that a ring can have; and how many bytes they are.
static uint32_t count_of(const producer_t *p, const span_t *spans, size_t n, uint32_t *bytes) {
    uint64_t trbs = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t end = spans[i].address + spans[i].bytes;
        if (end < spans[i].address || trbs >= p->entries) {
            return 0;
        }
        sum += spans[i].bytes;
        trbs += spans[i].bytes == 0 ?
                    0 :
                    (end - 1) / TRB_BYTES_MAX - spans[i].address / TRB_BYTES_MAX + 1;
    }
    trbs = trbs == 0 ? 1 : trbs; // a packet without data
    *bytes = (uint32_t)sum;
    return trbs < p->entries ? (uint32_t)trbs : 0;
}

// §4.11.2.4: packets that are still to come after this TRB.
static uint32_t td_size(const producer_t *p, uint32_t total, uint32_t before, uint32_t bytes) {
    uint32_t left;
    if (p->legacy) {
        left = (total - before) >> 10; // units of 1 KiB, and this TRB counts, xHCI 0.96 §4.11.2.4
    } else if (before + bytes == total) {
        left = 0;
    } else {
        uint32_t mps = p->mps == 0 ? 1 : p->mps;
        left = (total + mps - 1) / mps - (before + bytes) / mps;
    }
    return (left < TD_SIZE_MAX ? left : TD_SIZE_MAX) << 17;
}

// TRBs i and following; the first of that type with those flags.
static void put_data(producer_t *p, place_t *place, uint32_t i, const span_t *spans, size_t n,
                     uint32_t total, uint32_t type, uint32_t last_flags, uint64_t now_us) {
    uint32_t before = 0, isp = last_flags & TRB_ISP;
    span_t span = n == 0 ? (span_t) {0} : spans[0];
    size_t next = 1;
    do {
        while (span.bytes == 0 && next < n) {
            span = spans[next++];
        }
        uint32_t bytes = to_boundary(span.address);
        bytes = bytes < span.bytes ? bytes : span.bytes;
        bool last = before + bytes == total;
        trb_t trb = {
            .parameter = span.address,
            .status = bytes | td_size(p, total, before, bytes),
            .control = type | (last ? last_flags : isp | TRB_CHAIN),
        };
        producer_put(p, place, i++, trb, before, bytes, now_us);
        type = TRB_TYPE(TRB_NORMAL);
        span.address += bytes;
        span.bytes -= bytes;
        before += bytes;
    } while (before < total);
}

int producer_transfer(producer_t *p, const span_t *spans, size_t n, int32_t cookie,
                      uint64_t now_us) {
    place_t place;
    uint32_t bytes, trbs = count_of(p, spans, n, &bytes);
    if (trbs == 0) {
        return -EINVAL;
    }
    if (!producer_place(p, trbs, &place, now_us)) {
        return -ENOSPC;
    }
    uint32_t flags = TRB_IOC | (p->in ? TRB_ISP : 0);
    put_data(p, &place, 0, spans, n, bytes, TRB_TYPE(TRB_NORMAL), flags, now_us);
    producer_commit(p, &place, trbs, (td_t) {.cookie = cookie, .bytes = bytes});
    return 0;
}

int producer_immediate(producer_t *p, const void *data, uint32_t bytes, int32_t cookie,
                       uint64_t now_us) {
    place_t place;
    if (bytes > 8 || p->in) {
        return -EINVAL;
    }
    if (!producer_place(p, 1, &place, now_us)) {
        return -ENOSPC;
    }
    trb_t trb = {.status = bytes, .control = TRB_TYPE(TRB_NORMAL) | TRB_IDT | TRB_IOC};
    memcpy(&trb.parameter, data, bytes);
    producer_put(p, &place, 0, trb, 0, bytes, now_us);
    producer_commit(p, &place, 1, (td_t) {.cookie = cookie, .bytes = bytes});
    return 0;
}

int producer_control(producer_t *p, const uint8_t setup[8], span_t data, int32_t cookie,
                     uint64_t now_us) {
    place_t place;
    bool in = (setup[0] & 0x80) != 0;
    uint32_t bytes = 0, trbs = 0;
    if (data.bytes != (setup[6] | (uint32_t)setup[7] << 8)) {
        return -EINVAL;
    }
    if (data.bytes != 0) {
        trbs = count_of(p, &data, 1, &bytes);
        if (trbs == 0) {
            return -EINVAL;
        }
    }
    if (trbs + 2 >= p->entries) {
        return -EINVAL;
    }
    if (!producer_place(p, trbs + 2, &place, now_us)) {
        return -ENOSPC;
    }
    uint32_t stages = bytes == 0 ? 0 : in ? TRB_TRT_IN : TRB_TRT_OUT;
    trb_t trb = {.status = 8, .control = TRB_TYPE(TRB_SETUP) | TRB_IDT | stages};
    memcpy(&trb.parameter, setup, 8);
    producer_put(p, &place, 0, trb, 0, 0, now_us);
    if (bytes != 0) {
        put_data(p, &place, 1, &data, 1, bytes, TRB_TYPE(TRB_DATA) | (in ? TRB_IN : 0),
                 in ? TRB_ISP : 0, now_us);
    }
    // A status stage goes against the data; without any it is IN (reference §6.8: an OUT one is taken and ignored).
    bool status_in = bytes == 0 || !in;
    trb = (trb_t) {.control = TRB_TYPE(TRB_STATUS) | TRB_IOC | (status_in ? TRB_IN : 0)};
    producer_put(p, &place, trbs + 1, trb, bytes, 0, now_us);
    producer_commit(p, &place, trbs + 2,
                    (td_t) {.cookie = cookie, .bytes = bytes, .control = true});
    return 0;
}
