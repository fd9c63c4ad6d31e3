// SPDX-License-Identifier: MIT
// The other CPUs: started by PSCI, parked, given work in C.  Python, interrupts and the heap stay with the boot CPU.

#ifndef PYRALLAX_SMP_H
#define PYRALLAX_SMP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "fault.h"
#include "io.h"

#define SMP_ARGS 6
#define SMP_RESULTS 4

typedef enum {
    SMP_OFF,      // not started
    SMP_STARTING, // CPU_ON was accepted, nothing heard since
    SMP_FAILED,   // CPU_ON was refused
    SMP_IDLE,     // parked
    SMP_BUSY,     // works
    SMP_DONE,     // has finished; the result waits for smp_reap
} smp_state_t;

typedef struct smp_work smp_work_t;
typedef void (*smp_fn_t)(smp_work_t *work);

// Runs on another CPU: no Python, no heap, no log; long work asks smp_stopped now and then.
struct smp_work {
    smp_fn_t fn;
    uint64_t args[SMP_ARGS];
    uint64_t results[SMP_RESULTS];
    uint32_t stop; // set by the boot CPU
    bool stopped;  // fn ended early
    bool faulted;  // fn took an abort: what follows says where
    bus_fault_t fault;
};

// Which CPU runs this: 0 the boot CPU, else one more than its index.
static inline unsigned smp_self(void) {
    return (unsigned)sysreg_read(tpidr_el1);
}

static inline bool smp_stopped(smp_work_t *work) {
    work->stopped = __atomic_load_n(&work->stop, __ATOMIC_RELAXED) != 0;
    return work->stopped;
}

// Tables for the stacks of the others.  Before anybody changes a translation table: mmu.c puts back, at a soft reset,
// what it found before its first change.
void smp_init(void);

// CPUs of the machine, indexed as the hand-off lists them, and which of them is the boot CPU (HW_MAX_CPUS: none).
unsigned smp_count(void);
unsigned smp_boot_cpu(void);
uint64_t smp_mpidr(unsigned cpu);
smp_state_t smp_state(unsigned cpu);
uint32_t smp_calls(unsigned cpu); // finished
int smp_error(unsigned cpu);      // what CPU_ON answered

// Start all CPUs that are off; wait for those under way until a deadline.  Returns how many run.  -errno: EIO no PSCI,
// ENOMEM.
int smp_start(void);
// The work of an idle CPU, cleared, to be filled in; NULL when it is not idle.
smp_work_t *smp_prepare(unsigned cpu);
// Give it to that CPU.
void smp_post(unsigned cpu);
bool smp_done(unsigned cpu);
// Some CPU works, so memory must stay where it is.
bool smp_busy(void);
// The finished work; the CPU is idle again.
const smp_work_t *smp_reap(unsigned cpu);
// Ask the work to end early.
void smp_stop(unsigned cpu);
// Page for tests of the TLB: its address, 0 without other CPUs; its level 3 descriptor, which is 0, and the bits of one
// that maps a page of RAM there.
uint64_t smp_test_page(uint64_t **descriptor, uint64_t *bits);
// Stop all work and drop the results: its memory is about to be given to somebody else.  The CPUs stay parked.
void smp_quiesce(void);
// In a panic: the same, as far as it is quick, and nobody interrupts from here on.
void smp_halt(void);
// Before the boot CPU sleeps, true; after it, false: a CPU that finishes meanwhile interrupts it.
void smp_sleeping(bool asleep);

// From fault.c, on a CPU that works: whether the exception became the end of its work.
// size: of the access, 0 unknown.
bool smp_fault(unsigned slot, exc_frame_t *frame, unsigned size);
// From panic.c, on another CPU: let the boot CPU report.  Returns when that does not answer.
void smp_panic(const exc_frame_t *frame, const char *fmt, va_list args);

// Between smp.c and smpstart.c.
__attribute__((noreturn)) void smp_main(void);
void smp_boot_init(void);
void smp_starting(unsigned cpu);
void smp_failed(unsigned cpu, int psci);
// Top of a CPU's stacks: for exceptions and for work.  0 for an unknown address.
uint64_t smp_exc_stack(unsigned cpu);
uint64_t smp_work_stack(unsigned cpu);
bool smp_on_stack(uint64_t address);

#endif
