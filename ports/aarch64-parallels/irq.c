// SPDX-License-Identifier: MIT
// Interrupt dispatch.

#include "irq.h"

#include <stddef.h>

#include "efirt.h"
#include "fault.h"
#include "hw.h"
#include "io.h"
#include "klog.h"
#include "py/mpconfig.h"

// An unhandled level line would fire for ever: it is disabled at once, an unhandled edge only counted.
static struct {
    irq_fn_t fn;
    void *arg;
} table[IRQ_MAX];

uint32_t irq_count[IRQ_MAX];
uint32_t irq_spurious;
uint32_t irq_seen;
uint32_t irq_depth;

static const gic_ops_t *gic;
static uint32_t lines;

// A table may name a controller that is not there.  Reads GICD_TYPER or GICC_PMR.
static bool answers(uint64_t base) {
    uint32_t value;
    return base != 0 && io_try_read32(base + 4, &value);
}

void irq_init(void) {
    gic = NULL;
    if (!answers(hw.gicd)) {
        klog(KLOG_ERROR, "gic: no distributor at 0x%lx", hw.gicd);
    } else if (hw.gic_version >= 3) {
        gic = gicv3_init(&lines);
    } else if (hw.gic_version == 2 && answers(hw.gicc)) {
        gic = gicv2_init(&lines);
    }
    if (gic == NULL) {
        lines = 0;
        klog(KLOG_ERROR, "gic: none usable, running polled");
    } else {
        klog(KLOG_INFO, "gic: version=%u gicd=0x%lx lines=%u", hw.gic_version, hw.gicd, lines);
    }
}

bool irq_ready(void) {
    return gic != NULL;
}

uint32_t irq_lines(void) {
    return lines;
}

int irq_install(uint32_t intid, irq_fn_t fn, void *arg, irq_trigger_t trigger) {
    if (gic == NULL || intid >= lines) {
        return -1;
    }
    gic->disable(intid);
    table[intid].arg = arg;
    table[intid].fn = fn;
    gic->trigger(intid, trigger);
    return 0;
}

void irq_enable(uint32_t intid) {
    if (gic != NULL && intid < lines) {
        gic->enable(intid);
    }
}

void irq_disable(uint32_t intid) {
    if (gic != NULL && intid < lines) {
        gic->disable(intid);
    }
}

void irq_pend(uint32_t intid) {
    if (gic != NULL && intid < lines) {
        gic->pend(intid);
    }
}

// From vectors.S, interrupts masked.
void irq_dispatch(exc_frame_t *frame) {
    if (gic == NULL) {
        frame->spsr |= 1 << 7; // nobody can acknowledge it: polled mode goes on with IRQ masked
        return;
    }
    bool in_firmware = efirt_running && efirt_leave();
    irq_depth++;
    irq_seen = 1;
    for (;;) {
        uint32_t iar = gic->ack();
        uint32_t intid = iar & 0x3ff;
        if (intid >= IRQ_MAX) {
            irq_spurious += intid == 1023 ? 0 : 1;
            break;
        }
        irq_count[intid]++;
        if (table[intid].fn != NULL) {
            table[intid].fn(intid, table[intid].arg);
        } else {
            irq_spurious++;
            gic->disable(intid);
            klog(KLOG_WARN, "irq: nobody handles INTID %u, disabled", intid);
        }
        gic->eoi(iar);
    }
    irq_depth--;
    if (in_firmware) {
        efirt_return(frame);
    }
}
