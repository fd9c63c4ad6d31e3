// SPDX-License-Identifier: MIT
// Devices that drivers in Python have let at the pool: stopped at a soft reset, before the pool is anybody's again.
// When one does not stop the pool stays taken.  What it has borrowed of the heap does not: that is
// handed on, and may still be written to; the log is all that tells.

#include "dma.h"

#include "io.h"
#include "klog.h"
#include "modules/mmio/mmio.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "timer.h"

#define STOP_US 20000    // EHCI 1.0 §2.3.1 and xHCI 1.2 §5.4.1.1: 16 ms
#define RESET_US 1000000 // EHCI 1.0 §2.3.1 gives no limit; Linux waits 250 ms

static dma_device_t devices[16];

bool dma_device_add(const dma_device_t *device) {
    dma_device_t *place = NULL;
    for (size_t i = 0; i < MP_ARRAY_SIZE(devices); i++) {
        if (devices[i].regs == device->regs) {
            place = &devices[i];
            break;
        }
        if (devices[i].regs == 0 && place == NULL) {
            place = &devices[i];
        }
    }
    if (place == NULL) {
        return false;
    }
    *place = *device;
    return true;
}

static bool known(uintptr_t regs) {
    for (size_t i = 0; i < MP_ARRAY_SIZE(devices); i++) {
        if (devices[i].regs == regs) {
            return true;
        }
    }
    return false;
}

void dma_device_remove(uintptr_t regs) {
    for (size_t i = 0; i < MP_ARRAY_SIZE(devices); i++) {
        if (devices[i].regs == regs) {
            devices[i].regs = 0;
        }
    }
}

// Change bits of the command, wait for bits of a register; true as well where nothing answers.
static bool settle(const dma_device_t *d, uint32_t clear, uint32_t set, uint32_t off, uint32_t mask,
                   uint32_t value, uint32_t us) {
    uint32_t now;
    uint64_t end = timer_after_us(us);
    if (!io_try_read32(d->regs + d->command, &now) || now == ~0u ||
        !io_try_write32(d->regs + d->command, (now & ~clear) | set)) {
        return true;
    }
    do {
        if (!io_try_read32(d->regs + off, &now) || now == ~0u) {
            return true;
        }
    } while ((now & mask) != value && cntvct() < end);
    return (now & mask) == value;
}

bool dma_stop_devices(void) {
    bool all = true;
    for (size_t i = 0; i < MP_ARRAY_SIZE(devices); i++) {
        dma_device_t *d = &devices[i];
        if (d->regs == 0 || settle(d, d->run, 0, d->status, d->halted, d->halted, STOP_US) ||
            settle(d, d->run, d->reset, d->command, d->reset, 0, RESET_US)) {
            d->regs = 0;
        } else { // it stays in the list: the next soft reset tries again
            klog(KLOG_ERROR, "dma: 0x%lx: not even a reset stops it, the pool stays taken",
                 (unsigned long)d->regs);
            all = false;
        }
    }
    return all;
}

// stop_at_reset(regs, how=None), how: (command, run, status, halted, reset)
static mp_obj_t dma_stop_at_reset(size_t n_args, const mp_obj_t *args) {
    if (!mp_obj_is_type(args[0], &mmio_regs_type)) {
        mp_raise_TypeError(MP_ERROR_TEXT("mmio.Regs expected"));
    }
    const mmio_regs_t *r = MP_OBJ_TO_PTR(args[0]);
    if (n_args < 2 || args[1] == mp_const_none) {
        dma_device_remove(r->addr);
        return mp_const_none;
    }
    mp_obj_t *how;
    mp_obj_get_array_fixed_n(args[1], 5, &how);
    dma_device_t d = {
        .regs = r->addr,
        .command = (uint32_t)mp_obj_get_int(how[0]),
        .run = (uint32_t)mp_obj_get_int(how[1]),
        .status = (uint32_t)mp_obj_get_int(how[2]),
        .halted = (uint32_t)mp_obj_get_int(how[3]),
        .reset = (uint32_t)mp_obj_get_int(how[4]),
    };
    if (r->size < 4 || ((d.command | d.status) & 3) != 0 || d.command > r->size - 4 ||
        d.status > r->size - 4) {
        mp_raise_msg(&mp_type_IndexError, MP_ERROR_TEXT("not in the window"));
    }
    if (known(d.regs)) { // somebody drives it
        mp_raise_OSError(MP_EBUSY);
    }
    if (!dma_device_add(&d)) {
        mp_raise_OSError(MP_ENOSPC);
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(dma_stop_at_reset_obj, 1, 2, dma_stop_at_reset);
