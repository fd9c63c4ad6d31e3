// SPDX-License-Identifier: MIT
// The end of all controllers at a soft reset: nothing may write to memory that is about to be somebody else's.

#include "io.h"
#include "klog.h"
#include "modules/dma/dma.h"
#include "py/mpstate.h"
#include "softreset.h"
#include "timer.h"
#include "xhciring.h"

#define USBCMD 0x00
#define CMD_HCRST (1u << 1)
#define USBSTS 0x04
#define STS_HCH (1u << 0)

#define STOP_US 100000   // §5.4.1.1: HCH within 16 ms
#define RESET_US 1000000 // §5.4.1: as long as it takes

MP_REGISTER_ROOT_POINTER(struct controller *xhciring_controllers);

// Write a command and wait for bits; true as well where nothing answers.
static bool settle(uintptr_t op, uint32_t command, uintptr_t off, uint32_t mask, uint32_t value,
                   uint32_t us) {
    uint32_t now;
    uint64_t end = timer_after_us(us);
    if (!io_try_write32(op + USBCMD, command)) {
        return true;
    }
    do {
        if (!io_try_read32(op + off, &now) || now == ~0u) {
            return true;
        }
    } while ((now & mask) != value && cntvct() < end);
    return (now & mask) == value;
}

static void stop_all(void) {
    for (controller_t *c = MP_STATE_VM(xhciring_controllers); c != NULL; c = c->next) {
        uintptr_t op = c->op->addr;
        if (!settle(op, 0, USBSTS, STS_HCH, STS_HCH, STOP_US) &&
            !settle(op, CMD_HCRST, USBCMD, CMD_HCRST, 0, RESET_US)) {
            klog(KLOG_ERROR, "xhci: 0x%lx: not even a reset stops it, its memory stays taken",
                 (unsigned long)op);
            dma_keep();
        }
    }
    MP_STATE_VM(xhciring_controllers) = NULL;
}
SOFTRESET_DEVICE(stop_all);

bool controller_has(const mmio_regs_t *op) {
    for (controller_t *c = MP_STATE_VM(xhciring_controllers); c != NULL; c = c->next) {
        if (c->op->addr == op->addr) {
            return true;
        }
    }
    return false;
}

void controller_used(controller_t *c, bool on) {
    uint64_t state = irq_save();
    controller_t **p = (controller_t **)&MP_STATE_VM(xhciring_controllers);
    while (*p != NULL && *p != c) {
        p = &(*p)->next;
    }
    if (on && *p == NULL) {
        c->next = MP_STATE_VM(xhciring_controllers);
        MP_STATE_VM(xhciring_controllers) = c;
    } else if (!on && *p == c) {
        *p = c->next;
    }
    irq_restore(state);
}
