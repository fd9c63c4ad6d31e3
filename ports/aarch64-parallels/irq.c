// SPDX-License-Identifier: MIT
// Interrupt dispatch.

#include "irq.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "efirt.h"
#include "fault.h"
#include "gic.h"
#include "hw.h"
#include "io.h"
#include "its.h"
#include "klog.h"
#include "mem.h"
#include "py/mpconfig.h"
#include "timer.h"

static irq_entry_t *table; // an entry per line
static irq_entry_t *lpis;  // IRQ_LPIS where there is an ITS

uint32_t irq_spurious;
uint32_t irq_seen;
uint32_t irq_idles;
uint32_t irq_depth;
irqstorm_t irq_load;

static const gic_ops_t *gic;
static uint32_t lines;
static uint32_t priority_bits;

// A table may name a controller that is not there.  Reads GICD_TYPER or GICC_PMR.
static bool answers(uint64_t base) {
    uint32_t value;
    return base != 0 && io_try_read32(base + 4, &value);
}

static bool is_lpi(uint32_t intid) {
    return intid - IRQ_LPI < IRQ_LPIS;
}

static irq_entry_t *entry(uint32_t intid) {
    if (intid < lines) {
        return &table[intid];
    }
    // Also where the ITS has failed since: who holds a line goes on finding its entry.
    return is_lpi(intid) && lpis != NULL ? &lpis[intid - IRQ_LPI] : NULL;
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
        return;
    }
    size_t count = lines + (hw.its_count != 0 ? IRQ_LPIS : 0);
    table = mem_alloc(count * sizeof(*table));
    if (table == NULL) {
        panic(NULL, "no memory for %u interrupt lines", (unsigned)count);
    }
    memset(table, 0, count * sizeof(*table));
    lpis = hw.its_count != 0 ? table + lines : NULL;
    // Unimplemented low bits read as zero (§12.9.19); nothing is enabled yet.
    int usual = gic->priority(lines - 1, -1);
    priority_bits = (uint32_t)__builtin_popcount((unsigned)gic->priority(lines - 1, 0xff));
    gic->priority(lines - 1, usual);
    klog(KLOG_INFO, "gic: version=%u gicd=0x%lx lines=%u priority_bits=%u", hw.gic_version, hw.gicd,
         lines, priority_bits);
}

bool irq_ready(void) {
    return gic != NULL;
}

uint32_t irq_lines(void) {
    return lines;
}

uint32_t irq_priority_bits(void) {
    return priority_bits;
}

const irq_entry_t *irq_entry(uint32_t intid) {
    return entry(intid);
}

// What differs between LPIs, which live in tables of the ITS, and the rest.  IRQ masked by the caller.

static void hw_enable(uint32_t intid, bool on) {
    if (is_lpi(intid)) {
        its_enable(intid, on);
    } else if (on) {
        gic->enable(intid);
    } else {
        gic->disable(intid);
    }
}

static void hw_pend(uint32_t intid, bool on) {
    if (is_lpi(intid)) {
        its_pend(intid, on);
    } else if (on) {
        gic->pend(intid);
    } else {
        gic->unpend(intid);
    }
}

static int hw_priority(uint32_t intid, int priority) {
    return is_lpi(intid) ? its_priority(intid, priority) : gic->priority(intid, priority);
}

int irq_install(uint32_t intid, irq_fn_t fn, void *arg, irq_trigger_t trigger) {
    if (gic == NULL) {
        return -ENODEV;
    }
    irq_entry_t *e = entry(intid);
    if (e == NULL) {
        return -EINVAL;
    }
    if (fn != NULL && e->fn != NULL) {
        return -EBUSY;
    }
    uint64_t state = irq_save();
    hw_enable(intid, false);
    e->fn = fn;
    e->arg = arg;
    e->name = NULL;
    e->enabled = false;
    e->keep = false;
    e->late = false;
    e->state = IRQ_OK;
    e->trigger = (uint8_t)trigger;
    memset(&e->window, 0, sizeof(e->window));
    if (!is_lpi(intid)) {
        gic->trigger(intid, trigger);
    }
    // A message latches while its line is disabled (observed: Parallels): it was for who had the line before.
    hw_pend(intid, false);
    hw_priority(intid, GIC_PRIORITY);
    irq_restore(state);
    return 0;
}

void irq_name(uint32_t intid, const char *name) {
    irq_entry_t *e = entry(intid);
    if (e != NULL) {
        e->name = name;
    }
}

void irq_keep(uint32_t intid) {
    irq_entry_t *e = entry(intid);
    if (e != NULL) {
        e->keep = true;
    }
}

void irq_enable(uint32_t intid) {
    irq_entry_t *e = entry(intid);
    if (e != NULL) {
        uint64_t state = irq_save();
        e->enabled = true;
        e->state = IRQ_OK;
        memset(&e->window, 0, sizeof(e->window));
        hw_enable(intid, true);
        if (e->late) {
            e->late = false;
            hw_pend(intid, true);
        }
        irq_restore(state);
    }
}

void irq_disable(uint32_t intid) {
    irq_entry_t *e = entry(intid);
    if (e != NULL) {
        uint64_t state = irq_save();
        e->enabled = false;
        hw_enable(intid, false);
        irq_restore(state);
    }
}

void irq_stop(uint32_t intid, irq_state_t why) {
    irq_entry_t *e = entry(intid);
    if (e != NULL) {
        irq_disable(intid);
        e->state = (uint8_t)why;
    }
}

void irq_mask(uint32_t intid) {
    if (entry(intid) != NULL) {
        uint64_t state = irq_save();
        hw_enable(intid, false);
        irq_restore(state);
    }
}

void irq_unmask(uint32_t intid) {
    irq_entry_t *e = entry(intid);
    if (e != NULL) {
        uint64_t state = irq_save();
        if (e->enabled) {
            hw_enable(intid, true);
        }
        irq_restore(state);
    }
}

void irq_pend(uint32_t intid) {
    if (entry(intid) != NULL) {
        uint64_t state = irq_save();
        hw_pend(intid, true);
        irq_restore(state);
    }
}

bool irq_pending(uint32_t intid) {
    return intid < lines && gic->pending(intid);
}

int irq_priority(uint32_t intid, int priority) {
    if (entry(intid) == NULL) {
        return -1;
    }
    uint64_t state = irq_save();
    int now = hw_priority(intid, priority);
    irq_restore(state);
    return now;
}

static const char *name_of(const irq_entry_t *e) {
    return e->name != NULL ? e->name : "";
}

// An unhandled level line would fire for ever; an unhandled edge (the power button, reference P16) is only told once.
static void unhandled(uint32_t intid) {
    irq_spurious++;
    irq_stop(intid, IRQ_UNHANDLED);
    klog(KLOG_WARN, "irq: nobody handles INTID %u, disabled", intid);
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
    uint64_t start = sysreg_read(cntvct_el0);
    for (;;) {
        uint32_t iar = gic->ack();
        uint32_t intid = iar & gic->intid_mask;
        irq_entry_t *e = entry(intid);
        if (e == NULL) {
            irq_spurious += intid == 1023 ? 0 : 1;
            if (intid < IRQ_MAX || intid >= IRQ_LPI) {
                gic->eoi(iar); // it was activated, all the same
            }
            break;
        }
        e->count++;
        e->last = start;
        if (e->fn == NULL) {
            unhandled(intid);
        } else if (intid < IRQ_SGIS && !e->enabled) {
            e->late = true; // GICv2 may have SGIs enabled for good (IHI 0048B §4.3.5)
        } else {
            e->fn(intid, e->arg);
        }
        gic->eoi(iar);
        uint64_t now = sysreg_read(cntvct_el0);
        if (irqstorm_taken(&irq_load, &e->window, now, now - start, timer_hz) && !e->keep) {
            irq_stop(intid, IRQ_STORM);
            klog(KLOG_WARN, "irq: storm on INTID %u %s, masked after %u interrupts", intid,
                 name_of(e), e->count);
        }
        start = now;
    }
    irq_depth--;
    if (in_firmware) {
        efirt_return(frame);
    }
}
