// SPDX-License-Identifier: MIT
// What the files of module xhciring share.  xHCI 1.2; registers:
//   operational    USBCMD 0x00 §5.4.1, USBSTS 0x04 §5.4.2
//   interrupter 0  IMAN 0x00 §5.5.2.1, ERSTSZ 0x08 §5.5.2.3.1, ERSTBA 0x10 §5.5.2.3.2, ERDP 0x18 §5.5.2.3.3
//   doorbell n     4n §5.6

#ifndef PYRALLAX_XHCIRING_H
#define PYRALLAX_XHCIRING_H

#include "events.h"
#include "match.h"
#include "modules/mmio/mmio.h"
#include "py/obj.h"

typedef struct controller {
    mp_obj_base_t base;
    struct controller *next; // of those that are not closed
    mmio_regs_t *op, *runtime, *doorbells;
    mp_obj_t memory;   // of the event ring and its table
    mp_obj_t callback; // or None
    match_t match;
    events_t events;
    erst_t *table;
    uint64_t checked;   // CNTVCT when USBSTS was last read
    uint32_t erdp_high; // as written
    uint32_t dead;      // USBSTS when it failed; 0: it works
    uint32_t interrupts;
    uint32_t spurious;
    bool due;     // the callback
    bool turn;    // it is about to be called
    bool blocked; // the queue is full: events stay where they are
    bool told;    // of dead
    bool closed;
} controller_t;

// In a block of its own: the controller's table keeps it, and through it the ring, from the collector.
typedef struct {
    endpoint_t endpoint;
    mp_obj_t ring;
} anchor_t;

typedef struct {
    mp_obj_base_t base;
    controller_t *controller; // NULL after free()
    mp_obj_t memory;
    anchor_t *anchor;
    uint8_t slot, dci;
} ring_t;

extern const mp_obj_type_t xhciring_controller_type, xhciring_ring_type;

// ---- controller.c

// Give the event ring to the controller.  0 or -ENODEV.
int controller_program(controller_t *c);
// Take events as long as there are any and the queue has room.  IRQ masked.
void controller_drain(controller_t *c);
// The same if something is to be seen without looking at a register.  IRQ masked.
void controller_poll(controller_t *c);
// The next record.
bool controller_next(controller_t *c, record_t *out);
// Ring a doorbell, §4.7; false: the controller is gone.  IRQ masked.
bool controller_ring(controller_t *c, uint32_t slot, uint32_t dci);

// ---- soft.c

// Whether these are the operational registers of one that is in use.
bool controller_has(const mmio_regs_t *op);
// A soft reset stops this one, or leaves it alone; false: no room in the list of devices.
bool controller_used(controller_t *c, bool on);
// Have its callback called.  IRQ masked.
void controller_want(controller_t *c);

// ---- submit.c

// Raises ValueError.
int32_t ring_cookie(mp_obj_t cookie);
// 0 or -ENODEV.  IRQ masked.
int ring_ready(const ring_t *r);
// The end of a submission: the doorbell if there is a new TD.
mp_obj_t ring_submitted(ring_t *r, int result, uint64_t irq_state);

uint64_t xhciring_now_us(void);
// [(time_us, address, parameter, status, control, code, residual, took_us), …]
mp_obj_t xhciring_history(const history_t *h);

#endif
