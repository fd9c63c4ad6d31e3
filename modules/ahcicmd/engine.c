// SPDX-License-Identifier: MIT
// Commands on their way: issue, completion by interrupt or by asking, waiting.

#include "ahcicmd.h"

#include "io.h"
#include "irq.h"
#include "klog.h"
#include "mmu.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "timer.h"

#define HBA_IS 0x08
#define PX_IS 0x10
#define PX_TFD 0x20
#define PX_SERR 0x30
#define PX_SACT 0x34
#define PX_CI 0x38

#define IS_CHANGE (1u << 6 | 1u << 22)    // PCS, PRCS: RO, cleared in PxSERR
#define IS_ERRORS (1u << 24 | 0xfu << 27) // OFS; IFS, HBDS, HBFS, TFES
#define SERR_CHANGE (1u << 16 | 1u << 26) // DIAG.N, DIAG.X

#define RECHECK_US 10000 // a completion interrupt can get lost: reference §11.3 A9
#define ROUNDS 4         // an interrupt's looks at IS

// What does not answer reads as ones, as on PCI.
static uint32_t rd(const mmio_regs_t *r, size_t off) {
    uint32_t value;
    return mmio_try_read32(r, off, &value) ? value : ~0u;
}

static bool wr(const mmio_regs_t *r, size_t off, uint32_t value) {
    return mmio_try_write32(r, off, value);
}

void port_dead(port_t *p) {
    if (p->gone) {
        return;
    }
    klog(KLOG_ERROR, "ahci: port %u: the controller does not answer", (unsigned)p->number);
    p->gone = MP_ENODEV;
    for (uint32_t a = p->active | p->held; a != 0; a &= a - 1) {
        p->slot[__builtin_ctz(a)].result = -MP_ENODEV;
    }
    p->active = p->queued = p->held = p->alone = 0;
}

bool port_service(port_t *p) {
    uint32_t is = rd(p->regs, PX_IS);
    if (is == ~0u) { // most of its bits are reserved, and 0
        port_dead(p);
        return true;
    }
    if (is != 0) {
        // Before PxCI is read: what ends from here on raises the line again.
        wr(p->regs, PX_IS, is);
    }
    if (is & IS_CHANGE) {
        wr(p->regs, PX_SERR, SERR_CHANGE);
        p->changed = p->attention = 1;
    }
    uint32_t errors = is & IS_ERRORS;
    if (errors != 0) {
        if (p->causes == 0) {
            p->tfd = rd(p->regs, PX_TFD);
        }
        p->causes |= errors;
        p->attention = 1;
    }
    if (p->active != 0) {
        uint32_t left = rd(p->regs, PX_CI);
        if (p->queued != 0) {
            left |= rd(p->regs, PX_SACT);
        }
        // PxCI of a command that failed stays by §5.5.3, and does not on QEMU 7.2; for a queued one PxSACT tells.
        // Not before recovery: an error that an earlier call saw is in causes.
        if (p->causes == 0 || p->queued != 0) {
            uint32_t ended = p->active & ~left;
            if (ended != 0 && p->queued == 0 && (rd(p->regs, PX_IS) & IS_ERRORS) != 0) {
                return port_service(p); // it failed between the two reads
            }
            for (uint32_t e = ended; e != 0; e &= e - 1) {
                p->slot[__builtin_ctz(e)].result = 0;
            }
            p->active &= ~ended;
            p->queued &= ~ended;
        }
    }
    return is != 0;
}

void port_issue(port_t *p, unsigned i, bool queued) {
    uint32_t bit = 1u << i;
    uint64_t state = irq_save();
    p->slot[i].since = cntvct();
    p->active |= bit;
    p->requests++;
    dsb_sy(); // the command is in memory before the doorbell
    if (queued) {
        p->queued |= bit;
        wr(p->regs, PX_SACT, bit);
    }
    if (!wr(p->regs, PX_CI, bit)) {
        port_dead(p);
    }
    // Without these about 2 in 20,000 completions were lost (observed: Parallels, reference §3.2).
    dsb_sy();
    isb();
    irq_restore(state);
}

void port_build(port_t *p, unsigned i, bool queued) {
    const slot_t *s = &p->slot[i];
    fis_rw(p->tables[i].cfis, s->what | (queued ? FIS_QUEUED : 0), s->lba, s->blocks, i);
    uint64_t at = mmu_phys(&p->tables[i]);
    p->list[i] = (fis_header_t) {.flags = fis_flags(s->what, s->prds),
                                 .table = (uint32_t)at,
                                 .table_hi = (uint32_t)(at >> 32)};
}

void port_recheck(port_t *p) {
    uint64_t state = irq_save();
    uint32_t before = p->active;
    port_service(p);
    p->lost += p->hba->irq && p->active != before;
    irq_restore(state);
}

static bool all_or_any(const port_t *p, uint32_t mask, bool all) {
    uint32_t left = p->active & mask;
    return all ? left == 0 : left != mask;
}

int port_wait(port_t *p, uint32_t mask, bool all, uint32_t timeout_ms) {
    uint64_t deadline = timer_after_us((uint64_t)timeout_ms * 1000);
    uint64_t patience = timer_after_us(AHCI_PATIENCE_US);
    uint64_t recheck = timer_after_us(RECHECK_US);
    int why;
    p->waiting++;
    for (;;) {
        bool polled = !p->hba->irq || irq_masked() || irq_depth != 0;
        uint64_t now = cntvct();
        if (now >= recheck) {
            port_recheck(p);
            recheck = timer_after_us(RECHECK_US);
        } else if (polled) {
            uint64_t state = irq_save();
            port_service(p);
            irq_restore(state);
        }
        if (all_or_any(p, mask, all)) {
            why = WAIT_DONE;
            break;
        }
        if (p->attention) {
            why = WAIT_ATTENTION;
            break;
        }
        if (now >= deadline) {
            why = WAIT_TIMEOUT;
            break;
        }
        // A disk at work is let finish: what it has half written helps nobody.
        if (now >= patience && MP_STATE_MAIN_THREAD(mp_pending_exception) != MP_OBJ_NULL) {
            p->late = p->attention = 1; // should nobody come back to it, the next request mends
            why = WAIT_CANCELLED;
            break;
        }
        if (!polled) {
            port_wait_event(RECHECK_US / 1000);
        }
    }
    p->waiting--;
    return why;
}

int port_issue_and_wait(port_t *p, unsigned i, uint32_t timeout_ms) {
    // Before the command is out: an error of it is for whoever waits, not for notify.
    p->waiting++;
    port_issue(p, i, false);
    int why = port_wait(p, 1u << i, true, timeout_ms);
    p->waiting--;
    return why;
}

// ---- the interrupt

// Something was plugged into an empty port.
static void empty_port(hba_t *hba, unsigned n) {
    size_t at = 0x100 + n * 0x80;
    uint32_t is = rd(hba->regs, at + PX_IS);
    if (is == ~0u) { // the controller is gone
        return;
    }
    wr(hba->regs, at + PX_SERR, SERR_CHANGE);
    wr(hba->regs, at + PX_IS, is);
    if (is & IS_CHANGE) {
        hba->plugged |= 1u << n; // the scheduler may have no room
        if (hba->notify != mp_const_none) {
            mp_sched_schedule(hba->notify, MP_OBJ_NEW_SMALL_INT(n));
        }
    }
}

// Handler of the HBA's line.  IRQ-safe, and also of use where there is no line.
static mp_obj_t hba_interrupt(mp_obj_t self_in, mp_obj_t line) {
    (void)line;
    hba_t *hba = MP_OBJ_TO_PTR(self_in);
    uint64_t state = irq_save();
    hba->irqs++;
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t is = rd(hba->regs, HBA_IS);
        if (is == 0 && round != 0) {
            break;
        }
        for (unsigned n = 0; n < AHCI_PORTS; n++) {
            port_t *p = hba->ports[n];
            bool shown = (is >> n & 1) != 0;
            if (p == NULL && shown) {
                empty_port(hba, n);
            }
            // A port that works is asked even when IS does not show it: reference §3.2.
            if (p == NULL || !(shown || (round == 0 && p->active != 0))) {
                continue;
            }
            uint32_t before = p->attention;
            hba->missing += port_service(p) && !shown;
            if (p->attention && !before && !p->waiting && hba->notify != mp_const_none) {
                mp_sched_schedule(hba->notify, MP_OBJ_FROM_PTR(p));
            }
        }
        if (is != 0) {
            wr(hba->regs, HBA_IS, is); // after PxIS: the line is level (reference §3.2)
        }
        dsb_sy(); // the line is low before the controller of interrupts looks again
        if (is == 0 || is == ~0u) {
            break;
        }
    }
    irq_restore(state);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(ahci_hba_interrupt_obj, hba_interrupt);
