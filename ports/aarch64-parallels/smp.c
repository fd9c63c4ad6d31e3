// SPDX-License-Identifier: MIT
// Parking and work of the other CPUs.  One mailbox per CPU; who may write it follows from its state: the boot CPU
// while it is idle or done, the CPU itself while it is busy.

#include "smp.h"

#include <stddef.h>
#include <string.h>

#include "hw.h"
#include "irq.h"
#include "py/mpprint.h"
#include "smpgic.h"
#include "timer.h"

#define SPIN_US 2000     // awake after the last work; then WFI, which the host can use
#define RESET_US 2000000 // work must have stopped by then: it asks every 64 KiB
#define HALT_US 20000
#define PANIC_US 200000 // the boot CPU has answered by then, or never
#define EVENTS_US 50    // WFE lasts no longer
#define REASON_LEN 160
#define CNTKCTL_EVNTEN (1 << 2) // Arm ARM D17.11.2

typedef struct {
    uint32_t state;  // smp_state_t, atomic: hands the mailbox over
    uint32_t asleep; // atomic: in WFI or about to be, so an SGI is needed
    uint32_t calls;
    int error;
    bool can_sleep; // written by the CPU itself before its state is first SMP_IDLE
    smp_work_t work;
} cpu_t;

static cpu_t cpus[HW_MAX_CPUS];
static uint32_t boot_asleep; // atomic
static struct {
    uint32_t cpu; // atomic: the number of the one that panics, 0: none
    uint32_t taken;
    const exc_frame_t *frame;
    char reason[REASON_LEN];
} panicking;

unsigned smp_count(void) {
    return hw.cpu_listed < HW_MAX_CPUS ? hw.cpu_listed : HW_MAX_CPUS;
}

uint64_t smp_mpidr(unsigned cpu) {
    return hw.cpu_mpidr[cpu];
}

smp_state_t smp_state(unsigned cpu) {
    // Acquire: what the CPU wrote before it changed its state is visible after this.
    return (smp_state_t)__atomic_load_n(&cpus[cpu].state, __ATOMIC_ACQUIRE);
}

static void set_state(cpu_t *c, smp_state_t state) {
    // Release: the mailbox is written before the other side sees that it is its own.
    __atomic_store_n(&c->state, state, __ATOMIC_RELEASE);
}

uint32_t smp_calls(unsigned cpu) {
    return cpus[cpu].calls;
}

int smp_error(unsigned cpu) {
    return cpus[cpu].error;
}

void smp_starting(unsigned cpu) {
    set_state(&cpus[cpu], SMP_STARTING);
}

void smp_failed(unsigned cpu, int psci) {
    cpus[cpu].error = psci;
    set_state(&cpus[cpu], SMP_FAILED);
}

// ---- on the other CPUs

static cpu_t *self(void) {
    return &cpus[smp_self() - 1];
}

// WFE ends every EVENTS_US at the latest: by then an event that a hypervisor lost with a descheduled CPU does not
// matter, and the time to sleep is noticed.
static void event_stream(void) {
    uint64_t ticks = timer_hz * EVENTS_US / 1000000;
    unsigned bit = 0;
    while (bit < 15 && 2ull << bit < ticks) {
        bit++;
    }
    sysreg_write(cntkctl_el1, CNTKCTL_EVNTEN | bit << 4);
    isb();
}

static void park(cpu_t *c) {
    uint64_t until = timer_after_us(SPIN_US);
    while (__atomic_load_n(&c->state, __ATOMIC_ACQUIRE) != SMP_BUSY) {
        if (!c->can_sleep || cntvct() < until) {
            __asm__ volatile("wfe" ::: "memory");
            continue;
        }
        __atomic_store_n(&c->asleep, 1, __ATOMIC_RELAXED);
        // Against smp_post: either it sees `asleep`, or this sees the work.
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (__atomic_load_n(&c->state, __ATOMIC_ACQUIRE) != SMP_BUSY) {
            dsb_sy(); // `asleep` is visible before this CPU stops (Arm ARM D1.6.2)
            wfi();
            smpgic_ack();
        }
        __atomic_store_n(&c->asleep, 0, __ATOMIC_RELAXED);
        until = timer_after_us(SPIN_US);
    }
}

__attribute__((noreturn)) static void work(cpu_t *c) {
    for (;;) {
        park(c);
        c->work.fn(&c->work);
        set_state(c, SMP_DONE);
        // Against smp_sleeping: either it sees the end of the work, or this sees that it sleeps.
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (__atomic_load_n(&boot_asleep, __ATOMIC_RELAXED) != 0) {
            smpgic_wake(smp_boot_cpu());
        }
    }
}

void smp_main(void) {
    cpu_t *c = self();
    c->can_sleep = smpgic_init(false, smp_self() - 1);
    event_stream();
    __asm__ volatile("msr daifclr, #4" ::: "memory"); // an SError is the work's, or a panic
    set_state(c, SMP_IDLE);
    __asm__ volatile("dsb ishst\n\tsev" ::: "memory"); // the state is visible before the event
    work(c);
}

// Where an exception that ended the work returns to, on a fresh stack.
__attribute__((noreturn)) static void landed(void) {
    cpu_t *c = self();
    c->work.fn = NULL;
    set_state(c, SMP_DONE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); // as in work()
    if (__atomic_load_n(&boot_asleep, __ATOMIC_RELAXED) != 0) {
        smpgic_wake(smp_boot_cpu());
    }
    work(c);
}

bool smp_fault(unsigned slot, exc_frame_t *f, unsigned size) {
    unsigned kind = slot & 3, ec = f->esr >> 26 & 0x3f;
    cpu_t *c = self();
    bool serror = kind == 3, abort = kind == 0 && (ec == 0x25 || ec == 0x21);
    if (slot >> 2 != 0 || !(serror || abort) || smp_state(smp_self() - 1) != SMP_BUSY) {
        return false;
    }
    bool far_valid = !serror && (!(f->esr & 1u << 10) || (f->esr & 0x3f) != 0x10); // ESR_EL1.FnV
    c->work.faulted = true;
    c->work.fault = (bus_fault_t) {
        .addr = far_valid ? f->far : 0,
        .esr = f->esr,
        .far = far_valid ? f->far : 0,
        .pc = f->elr,
        .size = (uint8_t)size,
        .write = f->esr >> 6 & 1, // WnR
    };
    sysreg_write(sp_el0, smp_work_stack(smp_self() - 1));
    f->x[29] = 0; // backtraces end here
    f->x[30] = 0;
    f->elr = (uint64_t)landed;
    return true;
}

static void reason_put(void *env, const char *s, size_t len) {
    size_t *n = env;
    for (; len != 0 && *n + 1 < REASON_LEN; len--) {
        panicking.reason[(*n)++] = *s++;
    }
}

void smp_panic(const exc_frame_t *frame, const char *fmt, va_list args) {
    uint32_t none = 0;
    // Acquire and release: one CPU owns the fields at a time.
    if (!__atomic_compare_exchange_n(&panicking.cpu, &none, smp_self(), false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE)) {
        for (;;) {
            wfi(); // another one was first
        }
    }
    static exc_frame_t here; // without an exception: this call
    here.elr = (uint64_t)__builtin_return_address(0);
    here.x[29] = (uint64_t)__builtin_frame_address(0);
    panicking.frame = frame != NULL ? frame : &here;
    size_t len = 0;
    mp_print_t print = {&len, reason_put};
    mp_vprintf(&print, fmt, args);
    smpgic_wake(smp_boot_cpu()); // orders the fields before the interrupt
    for (uint64_t end = timer_after_us(PANIC_US); cntvct() < end;) {
        if (__atomic_load_n(&panicking.taken, __ATOMIC_ACQUIRE) != 0) {
            for (;;) {
                wfi();
            }
        }
    }
}

// ---- on the boot CPU

// The SGI itself only ends WFI.
static void interrupted(uint32_t intid, void *arg) {
    (void)intid;
    (void)arg;
    if (__atomic_load_n(&panicking.cpu, __ATOMIC_ACQUIRE) != 0) {
        __atomic_store_n(&panicking.taken, 1, __ATOMIC_RELEASE);
        panic(panicking.frame, "CPU %u: %s", (unsigned)panicking.cpu - 1, panicking.reason);
    }
}

smp_work_t *smp_prepare(unsigned cpu) {
    if (smp_state(cpu) != SMP_IDLE) {
        return NULL;
    }
    memset(&cpus[cpu].work, 0, sizeof(cpus[cpu].work));
    return &cpus[cpu].work;
}

void smp_post(unsigned cpu) {
    cpu_t *c = &cpus[cpu];
    set_state(c, SMP_BUSY);
    __atomic_thread_fence(
        __ATOMIC_SEQ_CST); // against park(): the work is out before `asleep` is read
    if (__atomic_load_n(&c->asleep, __ATOMIC_RELAXED) != 0) {
        smpgic_wake(cpu);
    }
    __asm__ volatile("dsb ishst\n\tsev" ::: "memory"); // the state is visible before the event
}

bool smp_done(unsigned cpu) {
    return smp_state(cpu) == SMP_DONE;
}

bool smp_busy(void) {
    for (unsigned i = 0; i < smp_count(); i++) {
        if (smp_state(i) == SMP_BUSY) {
            return true;
        }
    }
    return false;
}

const smp_work_t *smp_reap(unsigned cpu) {
    cpus[cpu].calls++;
    set_state(&cpus[cpu],
              SMP_IDLE); // its next work comes from the same place, so the result stays until then
    return &cpus[cpu].work;
}

void smp_stop(unsigned cpu) {
    __atomic_store_n(&cpus[cpu].work.stop, 1, __ATOMIC_RELAXED);
}

void smp_boot_init(void) {
    if (smpgic_init(true, smp_boot_cpu()) &&
        irq_install(SMPGIC_SGI, interrupted, NULL, IRQ_EDGE) == 0) {
        irq_name(SMPGIC_SGI, "smp");
        irq_keep(SMPGIC_SGI); // one per call is no storm
        irq_enable(SMPGIC_SGI);
    }
}

void smp_sleeping(bool asleep) {
    __atomic_store_n(&boot_asleep, asleep, __ATOMIC_RELAXED);
    __atomic_thread_fence(
        __ATOMIC_SEQ_CST); // against work(): out before the caller looks for the end of the work
}

static void stop_all(uint64_t deadline) {
    for (unsigned i = 0; i < smp_count(); i++) {
        if (smp_state(i) == SMP_BUSY) {
            smp_stop(i);
        }
    }
    for (unsigned i = 0; i < smp_count(); i++) {
        while (smp_state(i) == SMP_BUSY && cntvct() < deadline) {
        }
    }
}

void smp_halt(void) {
    __atomic_store_n(&boot_asleep, 0, __ATOMIC_RELAXED);
    stop_all(timer_after_us(HALT_US));
}

void smp_quiesce(void) {
    stop_all(timer_after_us(RESET_US));
    for (unsigned i = 0; i < smp_count(); i++) {
        if (smp_state(i) == SMP_DONE) {
            smp_reap(i);
        } else if (smp_state(i) == SMP_BUSY) {
            panic(NULL, "CPU %u does not stop", i); // it would go on in memory that others get
        }
    }
}
