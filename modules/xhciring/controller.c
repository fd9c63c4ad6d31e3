// SPDX-License-Identifier: MIT
// One controller's events: interrupt, polling, the way to Python.

#include "xhciring.h"

#include "io.h"
#include "klog.h"
#include "mmu.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "timer.h"

#define USBSTS 0x04
#define STS_HSE (1u << 2)
#define STS_EINT (1u << 3) // RW1C
#define STS_HCE (1u << 12)
#define IMAN 0x00
#define IMAN_IP (1u << 0) // RW1C
#define IMAN_IE (1u << 1)
#define ERSTSZ 0x08
#define ERSTBA 0x10
#define ERDP 0x18
#define ERDP_EHB (1u << 3) // RW1C

#define ROUNDS 4 // an interrupt's looks at the ring
// Polling looks at USBSTS no more often; observed: 200 Hz starves Parallels' host, 50 do not.
#define CHECK_US 20000

uint64_t xhciring_now_us(void) {
    return timer_to_us(cntvct());
}

// ---- the event ring

static void write_pair(const mmio_regs_t *r, size_t off, uint64_t value) {
    mmio_try_write32(r, off, (uint32_t)value); // low, high: §5.1
    mmio_try_write32(r, off + 4, (uint32_t)(value >> 32));
}

static void write_erdp(controller_t *c, uint32_t flags) {
    trb_rmb(); // events are copied before the controller may overwrite them
    uint64_t at = events_erdp(&c->events) | flags;
    if (at >> 32 == c->erdp_high) {
        mmio_try_write32(c->runtime, ERDP, (uint32_t)at);
    } else {
        c->erdp_high = (uint32_t)(at >> 32);
        write_pair(c->runtime, ERDP, at);
    }
}

int controller_program(controller_t *c) {
    uint64_t table = mmu_phys(c->table), state = irq_save();
    events_reset(&c->events, c->table);
    c->dead = 0;
    c->told = c->blocked = false;
    dsb_sy(); // the ring is empty before the controller sees it
    bool answered = mmio_try_write32(c->runtime, ERSTSZ, c->events.segments);
    c->erdp_high = (uint32_t)(events_erdp(&c->events) >> 32);
    write_pair(c->runtime, ERDP, events_erdp(&c->events));
    write_pair(c->runtime, ERSTBA, table); // last: it makes the controller read the table, §4.9.4
    mmio_try_write32(c->runtime, IMAN, IMAN_IP | IMAN_IE);
    irq_restore(state);
    return answered ? 0 : -MP_ENODEV;
}

// The first event that names nothing known: a line for who wonders what the others were.
static void tell_foreign(const controller_t *c, const trb_t *event) {
    klog(KLOG_WARN,
         "xhci: %s: an event names no TRB of ours: 0x%lx 0x%x 0x%x; more are counted only",
         qstr_str(c->op->name), (unsigned long)event->parameter, (unsigned)event->status,
         (unsigned)event->control);
}

void controller_drain(controller_t *c) {
    uint32_t half = c->events.segments * c->events.entries / 2;
    trb_t event;
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t n = 0;
        c->blocked = false;
        while (events_peek(&c->events, &event)) {
            bool none = c->match.stats.foreign == 0;
            if (!match_event(&c->match, &event, xhciring_now_us())) {
                c->blocked = true;
                break;
            }
            if (none && c->match.stats.foreign != 0) {
                tell_foreign(c, &event);
            }
            events_pop(&c->events, &event, xhciring_now_us());
            if (++n % half == 0) {
                write_erdp(c, 0); // room before the controller runs out of it
            }
        }
        if (n == 0 && round != 0) {
            break;
        }
        // With EHB the controller interrupts again as soon as there is another event, §4.17.2: not while blocked.
        write_erdp(c, c->blocked ? 0 : ERDP_EHB);
        if (c->blocked) {
            break;
        }
    }
}

// ---- a controller that fails, or is gone

static void fail(controller_t *c, uint32_t status) {
    if (c->dead == 0) {
        c->dead = status;
        klog(KLOG_ERROR, "xhci: %s: the controller has failed, USBSTS 0x%x", qstr_str(c->op->name),
             (unsigned)status);
    }
    record_t r = {.us = xhciring_now_us(), .kind = TRB_EV_HOST, .cookie = -1, .parameter = c->dead};
    if (!c->told) {
        c->told = match_put(&c->match, &r);
    }
}

// Look at USBSTS and clear EINT; whether it was set.
static bool attend(controller_t *c) {
    uint32_t status;
    c->checked = cntvct();
    if (!mmio_try_read32(c->op, USBSTS, &status)) {
        status = ~0u; // as on PCI
    }
    if (status == ~0u || (status & (STS_HSE | STS_HCE))) {
        fail(c, status);
        return true;
    }
    if (status & STS_EINT) {
        mmio_try_write32(c->op, USBSTS, STS_EINT); // before IP, §5.4.2
    }
    return (status & STS_EINT) != 0;
}

void controller_poll(controller_t *c) {
    trb_t event;
    if (events_peek(&c->events, &event)) {
        controller_drain(c);
    } else if (timer_to_us(cntvct() - c->checked) >= CHECK_US) {
        attend(c);
    }
}

bool controller_next(controller_t *c, record_t *out) {
    uint64_t state = irq_save();
    bool there = match_next(&c->match, out);
    if (c->blocked && c->match.count <= c->match.size / 2) {
        controller_drain(c);
    }
    irq_restore(state);
    return there;
}

// ---- the interrupt

// Handler of the line.  IRQ-safe.
static mp_obj_t controller_interrupt(mp_obj_t self_in, mp_obj_t line) {
    (void)line;
    controller_t *c = MP_OBJ_TO_PTR(self_in);
    if (c->closed) {
        return mp_const_none;
    }
    uint64_t state = irq_save();
    uint32_t before = c->match.stats.events;
    c->interrupts++;
    bool cause = attend(c);
    mmio_try_write32(c->runtime, IMAN, c->dead ? IMAN_IP : IMAN_IP | IMAN_IE);
    if (c->dead == 0) {
        controller_drain(c);
    }
    dsb_sy(); // the line is low before the controller of interrupts looks again
    c->spurious += !cause && before == c->match.stats.events;
    if (match_queued(&c->match) != 0 && c->callback != mp_const_none) {
        controller_want(c);
    }
    irq_restore(state);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(xhciring_interrupt_obj, controller_interrupt);

bool controller_ring(controller_t *c, uint32_t slot, uint32_t dci) {
    dsb_sy(); // the ring is in memory before the doorbell
    if (!mmio_try_write32(c->doorbells, slot * 4, dci)) {
        fail(c, ~0u);
        return false;
    }
    return true;
}
