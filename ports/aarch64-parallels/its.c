// SPDX-License-Identifier: MIT
// One ITS, one collection (this CPU), LPIs IRQ_LPI.. with EventID = LPI - IRQ_LPI whatever the device: one allocator
// serves all, and any device's table has room for every event.  Set up at the first use and kept over soft resets:
// EnableLPIs may be impossible to clear (Arm IHI 0069H §12.11.2), and hardware goes on owning the tables.

#include "its.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "cache.h"
#include "gic.h"
#include "hw.h"
#include "io.h"
#include "irq.h"
#include "itscmd.h"
#include "klog.h"
#include "mem.h"
#include "timer.h"

// The architecture has no bound; QEMU is done before the write of CWRITER ends.
#define ITS_WAIT_US 100000
#define QUEUE_SIZE 0x10000u
#define QUEUE_VALID (1ull << 63)
#define LPI_ID_BITS 14u // INTIDs below 16384: the least that has LPIs (§5.1)
#define PROPERTY_SIZE ((1u << LPI_ID_BITS) - IRQ_LPI)
#define PENDING_SIZE ((1u << LPI_ID_BITS) / 8)
#define PENDING_ALIGN 0x10000u
#define PENDING_CLEAR (1ull << 62) // GICR_PENDBASER.PTZ: the table is all zeros
#define EVENT_BITS 9u
#define DEVICE_BITS_MAX 16u // a requester id
#define DEVICES_MAX 64
#define PROPERTY_ENABLE 1u
#define PROPERTY_PRIORITY 0xfcu

_Static_assert(1u << EVENT_BITS == IRQ_LPIS, "an EventID per LPI");

static enum { UNTRIED, READY, FAILED } state;
static uintptr_t its;
static uint64_t target; // what commands call this CPU's redistributor
static uint8_t *queue;
static uint32_t queue_at;
static bool queue_shared;
static uint8_t *property;
static bool property_shared;
static bool tables_shared;
static uint32_t itt_size;
static uint32_t device_count_max;

static struct {
    uint32_t device;
    uint32_t events; // mapped; 0: the slot is free
    void *itt;
} devices[DEVICES_MAX];
static uint32_t device_of[IRQ_LPIS];

bool its_ready(void) {
    return state == READY;
}

bool its_possible(void) {
    return irq_ready() && hw.gic_version >= 3 && hw.its_count != 0 && state != FAILED;
}

uint64_t its_doorbell(void) {
    return its + GITS_TRANSLATER;
}

// Memory that hardware reads must reach it, where hardware does not snoop.  Orders the CPU's stores before the
// register write that makes hardware look.
static void publish(const void *p, size_t size, bool shared) {
    if (shared) {
        dsb_sy();
    } else {
        cache_flush(p, size);
    }
}

// Aligned to align, a power of two from a page on, and cleared.
static void *alloc(size_t size, size_t align) {
    uint8_t *p = mem_alloc(size + align);
    if (p == NULL) {
        return NULL;
    }
    size_t head = -(uintptr_t)p & (align - 1);
    if (head != 0) {
        mem_free(p, head);
    }
    uint8_t *end = p + ((size + align + 4095) & ~4095ul),
            *tail = p + head + ((size + 4095) & ~4095ul);
    if (tail != end) {
        mem_free(tail, (size_t)(end - tail));
    }
    memset(p + head, 0, size);
    return p + head;
}

// Wait for (32-bit register & mask) == value.
static bool wait(uintptr_t reg, uint32_t mask, uint32_t value) {
    uint64_t end = timer_after_us(ITS_WAIT_US);
    while ((io_read32(reg) & mask) != value) {
        if (cntvct() > end) {
            return (io_read32(reg) & mask) == value;
        }
    }
    return true;
}

// A register that holds a table's address, its shareability and cacheability.  Returns whether hardware snoops: it
// may answer "non-shareable" to the wish for inner shareable, and the table must then be non-cacheable (§12.19.1).
static bool write_base(uintptr_t reg, uint64_t value, unsigned cache_shift) {
    uint64_t plain = value & ~(ITS_SHARE_MASK | 7ull << cache_shift);
    io_write64(reg, plain | ITS_SHARE_INNER | ITS_CACHE_WRITE_BACK << cache_shift);
    if ((io_read64(reg) & ITS_SHARE_MASK) == ITS_SHARE_INNER) {
        return true;
    }
    io_write64(reg, plain | ITS_CACHE_NONE << cache_shift);
    return false;
}

static void put(its_cmd_t c) {
    memcpy(queue + queue_at, &c, sizeof(c));
    publish(queue + queue_at, sizeof(c), queue_shared);
    queue_at = (queue_at + sizeof(c)) % QUEUE_SIZE;
}

// Have the queued commands executed.  Few at a time, so the queue never fills.
static int run(void) {
    put(its_cmd_sync(target));
    io_write64(its + GITS_CWRITER, queue_at);
    if (wait(its + GITS_CREADR, ~0u, queue_at)) {
        return 0;
    }
    klog(KLOG_ERROR, "its: stuck at command 0x%lx of 0x%x",
         (unsigned long)io_read64(its + GITS_CREADR), queue_at);
    state = FAILED;
    return -EIO;
}

static int init_lpis(uintptr_t rd) {
    uint32_t ctlr = io_read32(rd + GICR_CTLR);
    if (ctlr & GICR_CTLR_LPIS) { // somebody's tables, in memory that may be ours now
        io_write32(rd + GICR_CTLR, ctlr & ~GICR_CTLR_LPIS);
        if (!wait(rd + GICR_CTLR, GICR_CTLR_LPIS | GICR_CTLR_RWP, 0)) {
            klog(KLOG_ERROR, "its: LPIs are on already and stay so");
            return -ENODEV;
        }
    }
    property = alloc(PROPERTY_SIZE, 4096);
    uint8_t *pending = alloc(PENDING_SIZE, PENDING_ALIGN);
    if (property == NULL || pending == NULL) {
        return -ENOMEM; // what was had stays: this happens once
    }
    memset(property, GIC_PRIORITY & PROPERTY_PRIORITY, PROPERTY_SIZE);
    publish(property, PROPERTY_SIZE, false);
    publish(pending, PENDING_SIZE, false);
    property_shared =
        write_base(rd + GICR_PROPBASER, (uintptr_t)property | (LPI_ID_BITS - 1), GICR_INNER_CACHE);
    write_base(rd + GICR_PENDBASER, (uintptr_t)pending | PENDING_CLEAR, GICR_INNER_CACHE);
    io_write32(rd + GICR_CTLR, io_read32(rd + GICR_CTLR) | GICR_CTLR_LPIS);
    dsb_sy();
    return 0;
}

// Program GITS_BASERn: hardware decides which page sizes it takes.
static int init_table(uintptr_t reg, uint64_t entries) {
    static const uint32_t page_sizes[] = {0x10000, 0x4000, 0x1000};
    uint64_t old = io_read64(reg);
    uint32_t entry_size = GITS_BASER_ENTRY(old);
    for (unsigned i = 0; i < sizeof(page_sizes) / sizeof(page_sizes[0]); i++) {
        uint32_t size = page_sizes[i], pages = its_table_pages(entries, entry_size, size);
        uint8_t *table = alloc((size_t)pages * size, size);
        if (table == NULL) {
            return -ENOMEM;
        }
        publish(table, (size_t)pages * size, false);
        uint64_t want = its_baser(old, (uintptr_t)table, size, pages, true);
        io_write64(reg, want);
        uint64_t got = io_read64(reg);
        if (((got ^ want) & (3ull << 8)) == 0) {
            if ((got & ITS_SHARE_MASK) != ITS_SHARE_INNER) {
                tables_shared = false;
                io_write64(reg, its_baser(old, (uintptr_t)table, size, pages, false));
            }
            uint64_t room = (uint64_t)pages * size / entry_size;
            if (GITS_BASER_TYPE(old) == GITS_BASER_DEVICE && room < device_count_max) {
                device_count_max = (uint32_t)room;
            }
            return 0;
        }
        io_write64(reg, 0);
        mem_free(table, (size_t)pages * size);
    }
    return -ENODEV;
}

static int init_its(uintptr_t rd) {
    uint64_t typer = io_read64(its + GITS_TYPER);
    if (!GITS_TYPER_PHYSICAL(typer) || GITS_TYPER_IDBITS(typer) < EVENT_BITS) {
        return -ENODEV;
    }
    io_write32(its + GITS_CTLR, 0);
    if (!wait(its + GITS_CTLR, GITS_CTLR_QUIESCENT, GITS_CTLR_QUIESCENT)) {
        return -EIO;
    }
    uint32_t device_bits = GITS_TYPER_DEVBITS(typer);
    device_count_max = 1u << (device_bits < DEVICE_BITS_MAX ? device_bits : DEVICE_BITS_MAX);
    tables_shared = true;
    itt_size = its_itt_size(GITS_TYPER_ITT_ENTRY(typer), EVENT_BITS);
    target = its_target(GITS_TYPER_PTA(typer), rd, io_read64(rd + GICR_TYPER));
    for (uint32_t i = 0; i < 8; i++) {
        uintptr_t reg = its + GITS_BASER + 8 * i;
        uint32_t type = GITS_BASER_TYPE(io_read64(reg));
        int error = type == GITS_BASER_DEVICE     ? init_table(reg, device_count_max) :
                    type == GITS_BASER_COLLECTION ? init_table(reg, 1) :
                                                    0;
        if (error != 0) {
            return error;
        }
    }
    queue = alloc(QUEUE_SIZE, QUEUE_SIZE);
    if (queue == NULL) {
        return -ENOMEM;
    }
    publish(queue, QUEUE_SIZE, false);
    queue_at = 0;
    queue_shared =
        write_base(its + GITS_CBASER, QUEUE_VALID | (uintptr_t)queue | (QUEUE_SIZE / 4096 - 1),
                   ITS_INNER_CACHE);
    io_write64(its + GITS_CWRITER, 0);
    io_write32(its + GITS_CTLR, GITS_CTLR_ENABLED);
    put(its_cmd_mapc(0, target, true));
    put(its_cmd_invall(0));
    return run();
}

static int first_usable(void) {
    uintptr_t rd = gicv3_redistributor();
    if (!its_possible() || rd == 0 || !(io_read32(hw.gicd + GICD_TYPER) & GICD_TYPER_LPIS) ||
        !(io_read64(rd + GICR_TYPER) & GICR_TYPER_PLPIS)) {
        return -ENODEV;
    }
    uint64_t value;
    if (!io_try_read64(hw.its[0] + GITS_TYPER, &value)) {
        klog(KLOG_WARN, "its: none at 0x%lx", (unsigned long)hw.its[0]);
        return -ENODEV;
    }
    its = hw.its[0];
    int error = init_lpis(rd);
    return error != 0 ? error : init_its(rd);
}

int its_init(void) {
    if (state == UNTRIED && hw.its_count != 0 && irq_ready()) {
        int error = first_usable();
        state = error == 0 ? READY : FAILED;
        if (error == 0) {
            klog(KLOG_INFO, "its: base=0x%lx lpis=%u devices=%u snoops=%d", (unsigned long)its,
                 IRQ_LPIS, device_count_max, queue_shared && property_shared && tables_shared);
        } else {
            klog(KLOG_ERROR, "its: set-up failed, error %d", -error);
        }
    }
    return state == READY ? 0 : -ENODEV;
}

// Slot of a device, or a free one; -1 when all are taken.
static int slot_of(uint32_t device) {
    int at = -1;
    for (int i = 0; i < DEVICES_MAX; i++) {
        if (devices[i].events != 0 && devices[i].device == device) {
            return i;
        }
        at = at < 0 && devices[i].events == 0 ? i : at;
    }
    return at;
}

int its_map(uint32_t device, uint32_t first, uint32_t count) {
    if (device >= device_count_max) {
        return -ENODEV;
    }
    int at = slot_of(device);
    if (at < 0) {
        return -ENOSPC;
    }
    uint64_t saved = irq_save(); // handlers queue commands, too
    int error = 0;
    if (devices[at].events == 0) {
        devices[at].itt = alloc(itt_size, 4096);
        if (devices[at].itt == NULL) {
            error = -ENOMEM;
        } else {
            publish(devices[at].itt, itt_size, false);
            devices[at].device = device;
            put(its_cmd_mapd(device, (uintptr_t)devices[at].itt, EVENT_BITS, true));
        }
    }
    for (uint32_t i = 0; i < count && error == 0; i++) {
        device_of[first + i] = device;
        property[first + i] = GIC_PRIORITY & PROPERTY_PRIORITY;
        publish(&property[first + i], 1, property_shared);
        put(its_cmd_mapti(device, first + i, IRQ_LPI + first + i, 0));
        put(its_cmd_inv(device, first + i));
        devices[at].events++;
    }
    error = error != 0 ? error : run();
    irq_restore(saved);
    return error;
}

void its_unmap(uint32_t device, uint32_t first, uint32_t count) {
    int at = slot_of(device);
    if (state != READY || at < 0 || devices[at].events < count) {
        return;
    }
    uint64_t saved = irq_save();
    for (uint32_t i = 0; i < count; i++) {
        put(its_cmd_discard(device, first + i)); // its pending state goes with it
    }
    devices[at].events -= count;
    bool last = devices[at].events == 0;
    if (last) {
        put(its_cmd_mapd(device, 0, EVENT_BITS, false));
    }
    bool done = run() == 0;
    irq_restore(saved);
    if (last && done) { // else hardware may still write there
        mem_free(devices[at].itt, itt_size);
        devices[at].itt = NULL;
    }
}

void its_enable(uint32_t intid, bool on) {
    uint32_t event = intid - IRQ_LPI;
    if (state != READY) {
        return;
    }
    uint8_t want = (uint8_t)((property[event] & ~PROPERTY_ENABLE) | (on ? PROPERTY_ENABLE : 0));
    if (want == property[event]) {
        return;
    }
    property[event] = want;
    publish(&property[event], 1, property_shared);
    put(its_cmd_inv(device_of[event], event));
    run();
}

void its_pend(uint32_t intid, bool on) {
    uint32_t event = intid - IRQ_LPI;
    if (state != READY) {
        return;
    }
    put(on ? its_cmd_int(device_of[event], event) : its_cmd_clear(device_of[event], event));
    run();
}

int its_priority(uint32_t intid, int priority) {
    uint32_t event = intid - IRQ_LPI;
    if (state != READY) {
        return GIC_PRIORITY & PROPERTY_PRIORITY;
    }
    if (priority >= 0) {
        property[event] =
            (uint8_t)((property[event] & PROPERTY_ENABLE) | (priority & PROPERTY_PRIORITY));
        publish(&property[event], 1, property_shared);
        put(its_cmd_inv(device_of[event], event));
        run();
    }
    return property[event] & PROPERTY_PRIORITY;
}

void its_stop(void) {
    if (state == READY) {
        uintptr_t rd = gicv3_redistributor();
        io_write32(its + GITS_CTLR, 0);
        wait(its + GITS_CTLR, GITS_CTLR_QUIESCENT, GITS_CTLR_QUIESCENT);
        io_write32(rd + GICR_CTLR, io_read32(rd + GICR_CTLR) & ~GICR_CTLR_LPIS);
        wait(rd + GICR_CTLR, GICR_CTLR_LPIS | GICR_CTLR_RWP, 0);
        state = FAILED;
    }
}
