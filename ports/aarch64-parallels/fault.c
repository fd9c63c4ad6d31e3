// SPDX-License-Identifier: MIT
// Exceptions other than interrupts.  A fault at an instruction of the exception table becomes BusError in the
// code that made the access; any other fault is a panic.

#include "fault.h"

#include <stdbool.h>
#include <stddef.h>

#include "efirt.h"
#include "io.h"
#include "irq.h"
#include "irqpy.h"
#include "memlayout.h"
#include "postmortem.h"
#include "py/mpstate.h"
#include "smp.h"
#include "stackguard.h"
#include "userptr.h"

#define ESR_EC(esr) ((esr) >> 26 & 0x3f)
#define EC_DATA_ABORT_SAME 0x25
#define EC_INSN_ABORT_SAME 0x21
#define EC_SERROR 0x2f
#define ESR_WNR (1u << 6)
#define ESR_FNV (1u << 10) // FAR not valid, synchronous external abort only

typedef struct {
    int32_t where; // instruction, relative to this field
    uint16_t len;
    uint8_t size;
    uint8_t write; // or EXTABLE_TRY
} extable_t;

// Of a slot: vectors.S.
#define SLOT_OVERFLOW 0x10
#define KIND_SYNC 0
#define KIND_FIQ 2
#define KIND_SERROR 3
#define EXTABLE_TRY 2 // a leaf that returns false: guarded.S

extern const extable_t __extable_start[], __extable_end[];

static const extable_t userptr; // stands for all of its code

static const extable_t *find(uint64_t pc) {
    for (const extable_t *e = __extable_start; e < __extable_end; e++) {
        uint64_t start = (uint64_t)&e->where + (uint64_t)(int64_t)e->where;
        if (pc - start < e->len) {
            return e;
        }
    }
    return NULL;
}

// Runs where the faulting accessor ran, after the exception returned there.  The fault comes in registers: an interrupt
// may be taken first, and its handler have a fault of its own.
__attribute__((noreturn)) static void land(uint64_t addr, uint64_t esr, uint64_t far, uint64_t pc,
                                           uint64_t size, uint64_t write) {
    bus_error_raise(&(bus_fault_t) {
        .addr = addr,
        .esr = esr,
        .far = far,
        .pc = pc,
        .size = (uint8_t)size,
        .write = (uint8_t)write,
    });
}

// Whether BusError has somebody to catch it: in a C interrupt handler, and before Python runs, it has not; in a hard
// Python handler it has.
static bool catchable(bool from_handler) {
    return (!from_handler || irqpy_hard_depth != 0) && MP_STATE_THREAD(nlr_top) != NULL;
}

static void to_bus_error(exc_frame_t *f, const extable_t *e, bool serror) {
    bool far_valid = !serror && (!(f->esr & ESR_FNV) || (f->esr & 0x3f) != 0x10);
    f->x[0] = far_valid || e == &userptr ? f->far : f->x[0];
    f->x[1] = f->esr;
    f->x[2] = far_valid ? f->far : 0;
    f->x[3] = f->elr;
    f->x[4] = e->size;
    f->x[5] = e == &userptr ? (f->esr & ESR_WNR) != 0 : e->write;
    f->elr = (uint64_t)land;
}

__attribute__((noreturn)) static void give_up(const exc_frame_t *f, unsigned kind) {
    if (kind == KIND_SERROR) {
        panic(f, "SError");
    }
    if (kind == KIND_FIQ) {
        panic(f, "unexpected FIQ");
    }
    switch (ESR_EC(f->esr)) {
        case EC_DATA_ABORT_SAME:
            panic(f, "%s of 0x%lx: %s", f->esr & ESR_WNR ? "write" : "read", f->far,
                  fault_status_name(f->esr));
        case EC_INSN_ABORT_SAME:
            panic(f, "call or jump to 0x%lx: %s", f->far, fault_status_name(f->esr));
        default:
            panic(f, "%s", fault_class_name(f->esr));
    }
}

// From vectors.S.  slot: its group << 2 | kind, and SLOT_OVERFLOW.
void exception_other(unsigned slot, exc_frame_t *f) {
    unsigned kind = slot & 3;
    bool from_handler = (slot >> 2 & 3) == 1, serror = kind == KIND_SERROR;
    // ESR_EL1 is stale in a FIQ.
    bool data_abort = kind == KIND_SYNC && ESR_EC(f->esr) == EC_DATA_ABORT_SAME;
    if (slot & SLOT_OVERFLOW) {
        f->sp = sysreg_read(tpidrro_el0);
        panic(f, "exception stack overflow");
    }
    if (slot >> 2 >= 2) {
        panic(f, "exception from a lower exception level");
    }
    if (panic_depth != 0 && !postmortem_active && smp_self() == 0) {
        panic(f, "fault while reporting");
    }
    if (efirt_running && smp_self() == 0 && efirt_fault(slot, f)) {
        return;
    }
    const extable_t *e = kind == KIND_SYNC || serror ? find(f->elr) : NULL;
    if (e != NULL && e->write == EXTABLE_TRY) {
        f->x[0] = false;
        f->elr = f->x[30];
        return;
    }
    if (smp_self() != 0) {
        if (smp_fault(slot, f, e != NULL ? e->size : 0)) {
            return;
        }
        e = NULL; // nobody catches there
    } else if (e == NULL && data_abort && userptr_access(f)) {
        e = &userptr;
    }
    if (e != NULL && (serror || data_abort) && catchable(from_handler)) {
        to_bus_error(f, e, serror);
        return;
    }
    if (data_abort && stackguard_hit(f->far)) {
        if (!from_handler && stackguard_recover(f)) {
            return;
        }
        panic(f, "thread stack overflow: guard hit");
    }
    give_up(f, kind);
}

const char *fault_class_name(uint64_t esr) {
    switch (ESR_EC(esr)) { // Arm ARM D17.2.37
        case 0x00:
            return "unknown reason (undefined instruction)";
        case 0x01:
            return "trapped WFI or WFE";
        case 0x07:
            return "trapped FP or SIMD access";
        case 0x0e:
            return "illegal execution state";
        case 0x15:
            return "SVC";
        case 0x18:
            return "trapped system register access";
        case EC_INSN_ABORT_SAME:
            return "instruction abort";
        case 0x22:
            return "PC alignment fault";
        case EC_DATA_ABORT_SAME:
            return "data abort";
        case 0x26:
            return "SP alignment fault";
        case 0x2c:
            return "floating-point exception";
        case EC_SERROR:
            return "SError";
        case 0x3c:
            return "BRK instruction";
        default:
            return "unexpected exception class";
    }
}

const char *fault_status_name(uint64_t esr) {
    unsigned fsc = esr & 0x3f;
    if (ESR_EC(esr) == EC_SERROR) {
        return "SError";
    }
    switch (fsc & 0x3c) {
        case 0x00:
            return "address size fault";
        case 0x04:
            return "translation fault, nothing is mapped there";
        case 0x08:
            return "access flag fault";
        case 0x0c:
            return "permission fault";
        default:
            break;
    }
    switch (fsc) {
        case 0x10:
            return "external abort, nothing answers there";
        case 0x14:
        case 0x15:
        case 0x16:
        case 0x17:
            return "external abort on a table walk";
        case 0x21:
            return "alignment fault";
        case 0x30:
            return "TLB conflict";
        default:
            return "abort";
    }
}
