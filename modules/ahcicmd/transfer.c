// SPDX-License-Identifier: MIT
// The block protocol: whole blocks straight from and to the caller's buffer, parts of blocks and what the HBA cannot
// reach through the bounce buffer.  Errors are Python's (attend); here they only end as -errno.

#include "ahcicmd.h"

#include <string.h>

#include "io.h"
#include "py/mperrno.h"
#include "py/runtime.h"

#define BLOCKS_MAX 65536u
#define BLOCKS_MAX_LBA28 256u

static bool ended(const port_t *p, unsigned i) {
    return !((p->active | p->held) >> i & 1);
}

static int refusal(const port_t *p) {
    return p->gone ? -(int)p->gone : p->recovering ? -MP_EBUSY : 0;
}

// A free slot, claimed, or -EAGAIN.  A command that is not queued needs the port for itself, a queued one may not meet
// one that is not (SATA 3.4 §13.6.4.1).
static int claim(port_t *p, bool queued) {
    uint64_t state = irq_save();
    unsigned count = queued ? p->depth : p->slots;
    uint32_t room = ~p->taken & (uint32_t)((1ull << count) - 1);
    bool fits = queued ? p->active == p->queued : p->active == 0;
    int i = -MP_EAGAIN;
    if (fits && room != 0) {
        i = __builtin_ctz(room);
        p->taken |= 1u << i;
    }
    irq_restore(state);
    return i;
}

int port_reap(port_t *p, unsigned i) {
    int r = p->slot[i].result;
    if (!p->wild) {
        p->slot[i].obj = mp_const_none;
    }
    uint64_t state = irq_save();
    p->taken &= ~(1u << i);
    p->awaited &= ~(1u << i);
    irq_restore(state);
    return r;
}

// Memory of a request: n pieces, which obj keeps.
typedef struct {
    mp_obj_t obj;
    const piece_t *pieces;
    size_t n;
} span_t;

static bool start(port_t *p, unsigned i, unsigned what, uint64_t lba, uint32_t blocks,
                  span_t span) {
    slot_t *s = &p->slot[i];
    s->what = (uint8_t)((what & (FIS_WRITE | FIS_FUA)) | p->what);
    s->lba = lba;
    s->blocks = blocks;
    s->obj = span.obj;
    s->result = -MP_EIO; // unless an end says otherwise
    unsigned prds = 0;
    for (size_t k = 0; k < span.n; k++) {
        prds = scatter(p, &p->tables[i], prds, span.pieces[k]);
        if (prds == 0) {
            port_reap(p, i);
            return false;
        }
    }
    s->prds = (uint8_t)prds;
    bool queued = (what & FIS_QUEUED) != 0;
    port_build(p, i, queued);
    p->dirty |= what & FIS_WRITE;
    port_issue(p, i, queued);
    return true;
}

// Something has to move: wait for any end of what is active, and let errors be attended to.  0, or -EINTR.
static int wait_any(port_t *p) {
    int why = port_wait(p, p->active, false, p->timeout_ms);
    port_ill(p, why, 0);
    return why == WAIT_CANCELLED ? -MP_EINTR : 0;
}

static int finish(port_t *p, unsigned i) {
    while (!ended(p, i)) {
        port_ill(p, port_wait(p, 1u << i, true, p->timeout_ms), 1u << i);
    }
    return port_reap(p, i);
}

// One command of whole blocks that the HBA reaches.
static int one(port_t *p, unsigned what, uint64_t lba, uint32_t blocks, span_t span) {
    for (;;) {
        int r = port_mended(p);
        r = r != 0 ? r : refusal(p);
        if (r != 0) {
            return r;
        }
        // Alone it goes the plain way, which has the simpler errors; beside queued ones it must be queued.
        bool queued = p->depth != 0 && p->queued != 0;
        int i = claim(p, queued);
        if (i >= 0) {
            p->waiting++; // an error is for us, not for notify
            r = start(p, (unsigned)i, what | (queued ? FIS_QUEUED : 0), lba, blocks, span) ?
                    finish(p, (unsigned)i) :
                    -MP_EINVAL;
            p->waiting--;
            return r;
        }
        if (p->active == 0) {
            return -MP_EAGAIN; // every slot has ended and waits for its owner
        }
        r = wait_any(p);
        if (r != 0) {
            return r;
        }
    }
}

static int whole(port_t *p, unsigned what, uint64_t lba, uint32_t blocks, mp_obj_t obj,
                 uint8_t *data) {
    piece_t piece = {data, (size_t)blocks * p->block_size};
    return one(p, what, lba, blocks, (span_t) {obj, &piece, 1});
}

// Blocks that are bounced.
static int bounced(port_t *p, unsigned what, uint64_t lba, uint32_t blocks, uint8_t *data) {
    size_t len = (size_t)blocks * p->block_size;
    if (what & FIS_WRITE) {
        memcpy(p->bounce, data, len);
    }
    int r = whole(p, what, lba, blocks, p->bounce_obj, p->bounce);
    if (r == 0 && !(what & FIS_WRITE)) {
        memcpy(data, p->bounce, len);
    }
    return r;
}

// Part of one block: read, and for a write put it in and write back.
static int part(port_t *p, unsigned what, uint64_t lba, size_t offset, uint8_t *data, size_t len) {
    int r = whole(p, what & ~(FIS_WRITE | FIS_FUA), lba, 1, p->bounce_obj, p->bounce);
    if (r == 0 && (what & FIS_WRITE)) {
        memcpy(p->bounce + offset, data, len);
        r = whole(p, what, lba, 1, p->bounce_obj, p->bounce);
    } else if (r == 0) {
        memcpy(data, p->bounce + offset, len);
    }
    return r;
}

static uint32_t most(const port_t *p, size_t bytes) {
    uint64_t blocks = bytes / p->block_size;
    uint32_t limit = p->what & FIS_LBA48 ? BLOCKS_MAX : BLOCKS_MAX_LBA28;
    return blocks < limit ? (uint32_t)blocks : limit;
}

static int range(const port_t *p, int64_t block, int64_t offset, size_t len) {
    uint64_t bs = p->block_size;
    if (block < 0 || offset < 0 || (uint64_t)block > p->blocks) {
        return -MP_EINVAL;
    }
    uint64_t room = p->blocks - (uint64_t)block; // below 2^48
    return (uint64_t)offset > room * bs || len > room * bs - (uint64_t)offset ? -MP_EINVAL : 0;
}

// What can be said of a request before any hardware is asked.
static int refused(const port_t *p, unsigned what, int64_t block, int64_t offset, size_t len) {
    int r = refusal(p);
    r = r != 0 ? r : range(p, block, offset, len);
    return r == 0 && (what & FIS_WRITE) && p->read_only ? -MP_EROFS : r;
}

// Blocks of one command from data on; 0 when they have to be bounced.
static uint32_t direct(const port_t *p, uint8_t *data, size_t len) {
    static const size_t limits[] = {SCATTER_WHOLE, SCATTER_PAGED};
    for (size_t i = 0; i < MP_ARRAY_SIZE(limits); i++) {
        uint32_t blocks = most(p, len < limits[i] ? len : limits[i]);
        if (scatter(p, NULL, 0, (piece_t) {data, (size_t)blocks * p->block_size}) != 0) {
            return blocks;
        }
    }
    return 0;
}

int port_transfer(port_t *p, unsigned what, int64_t block, int64_t offset, mp_obj_t obj,
                  uint8_t *data, size_t len) {
    size_t bs = p->block_size;
    int r = refused(p, what, block, offset, len);
    uint64_t lba = (uint64_t)block + (uint64_t)offset / bs;
    size_t skip = (size_t)((uint64_t)offset % bs);
    while (r == 0 && len != 0) {
        size_t n;
        if (skip != 0 || len < bs) {
            n = len < bs - skip ? len : bs - skip;
            r = part(p, what, lba, skip, data, n);
            skip = 0;
            lba++;
        } else {
            uint32_t blocks = direct(p, data, len);
            if (blocks != 0) {
                r = whole(p, what, lba, blocks, obj, data);
            } else {
                blocks = most(p, len < p->bounce_len ? len : p->bounce_len);
                r = bounced(p, what, lba, blocks, data);
            }
            n = blocks * bs;
            lba += blocks;
        }
        data += n;
        len -= n;
    }
    return r;
}

int port_submit(port_t *p, unsigned what, int64_t block, mp_obj_t obj, uint8_t *data, size_t len) {
    int r = refused(p, what, block, 0, len);
    if (r != 0) {
        return r;
    }
    uint32_t blocks = most(p, len);
    if (blocks == 0 || blocks * (size_t)p->block_size != len) {
        return -MP_EINVAL;
    }
    bool queued = p->depth != 0;
    int i = p->attention ? -MP_EAGAIN : claim(p, queued);
    piece_t piece = {data, len};
    if (i >= 0 && !start(p, (unsigned)i, what | (queued ? FIS_QUEUED : 0), (uint64_t)block, blocks,
                         (span_t) {obj, &piece, 1})) {
        return -MP_EINVAL;
    }
    return i >= 0 && p->gone ? port_reap(p, (unsigned)i) : i;
}

int port_writev(port_t *p, int64_t block, mp_obj_t obj, const mp_obj_t *items, size_t n) {
    piece_t pieces[FIS_PRDS];
    mp_buffer_info_t info;
    size_t bs = p->block_size, at = 0, total = 0;
    for (size_t k = 0; k < n; k++) {
        if (!mp_get_buffer(items[k], &info, MP_BUFFER_READ) || info.len == 0 ||
            info.len % bs != 0) {
            return -MP_EINVAL;
        }
        total += info.len;
    }
    int r = refused(p, FIS_WRITE, block, 0, total);
    while (r == 0 && at < n) {
        size_t len = 0, k = 0;
        unsigned prds = 0;
        for (; k < FIS_PRDS && at + k < n; k++) { // as many as one command takes
            mp_get_buffer(items[at + k], &info, MP_BUFFER_READ);
            pieces[k] = (piece_t) {info.buf, info.len};
            prds = scatter(p, NULL, prds, pieces[k]);
            if (prds == 0 || most(p, len + info.len) * bs != len + info.len) {
                break;
            }
            len += info.len;
        }
        if (k == 0) {
            len = pieces[0].len;
            r = port_transfer(p, FIS_WRITE, block, 0, items[at], pieces[0].data, len);
            k = 1;
        } else {
            r = one(p, FIS_WRITE, (uint64_t)block, (uint32_t)(len / bs), (span_t) {obj, pieces, k});
        }
        block += (int64_t)(len / bs);
        at += k;
    }
    return r;
}

int port_gather(port_t *p, const uint64_t *lbas, size_t n, uint32_t count, mp_obj_t obj,
                uint8_t *data) {
    size_t step = (size_t)count * p->block_size, next = 0;
    uint32_t mine = 0;
    int result = 0;
    while (next < n || mine != 0) {
        while (next < n && result == 0) {
            int i = port_submit(p, 0, (int64_t)lbas[next], obj, data + next * step, step);
            if (i == -MP_EAGAIN) {
                break;
            }
            if (i < 0) { // too long, odd, out of reach, out of range
                result = port_transfer(p, 0, (int64_t)lbas[next], 0, obj, data + next * step, step);
            } else {
                mine |= 1u << i;
            }
            next++;
        }
        next = result != 0 ? n : next;
        if (mine == 0) {
            if (next < n) { // somebody else has the port
                bool ill = p->attention != 0;
                int r = port_mended(p);
                if (r == 0 && ill && !p->gone && !p->recovering && p->attention == 0) {
                    continue; // it takes commands again
                }
                if (r != 0 || p->active == 0) {
                    result = r != 0 ? r : p->gone || p->recovering ? refusal(p) : -MP_EAGAIN;
                    next = n;
                } else {
                    result = wait_any(p);
                    next = result != 0 ? n : next;
                }
            }
            continue;
        }
        if (p->active & mine) {
            port_ill(p, port_wait(p, mine, false, p->timeout_ms), mine);
        }
        for (uint32_t done = mine & ~(p->active | p->held); done != 0; done &= done - 1) {
            unsigned i = (unsigned)__builtin_ctz(done);
            int r = port_reap(p, i);
            result = result != 0 ? result : r;
            mine &= ~(1u << i);
        }
    }
    return result;
}
