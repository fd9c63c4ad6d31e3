// SPDX-License-Identifier: MIT
// Work on another CPU as a Python object.

#ifndef PYRALLAX_SMP_JOB_H
#define PYRALLAX_SMP_JOB_H

#include "py/obj.h"
#include "smp.h"

typedef struct job job_t;

// A function that another CPU can run.
typedef struct {
    uint16_t name;     // qstr
    const char *usage; // its arguments
    // Check the arguments and put them down; raises.
    void (*take)(job_t *job, size_t n, const mp_obj_t *args);
    smp_fn_t run;
    mp_obj_t (*result)(const smp_work_t *work);
} leaf_t;

struct job {
    mp_obj_base_t base;
    const leaf_t *leaf;
    mp_obj_t args; // keeps the buffers while the CPU uses them
    unsigned cpu;
    bool running;
    smp_work_t work; // arguments, and then results
    struct {
        uint64_t base, size; // free RAM taken for the time being
    } claims[2];
};

extern const leaf_t *const leaves[];
extern const size_t leaf_count;

// args: of smp.submit.  Raises ValueError, TypeError, OSError (EBUSY, ENODEV, EPERM, …).
job_t *job_submit(size_t n, const mp_obj_t *args);
// Result or exception of the work; -1 waits for ever.  OSError(ETIMEDOUT); Ctrl-C leaves the work running.
mp_obj_t job_wait(job_t *job, mp_int_t timeout_ms);
// Start what is off; CPUs that run, with the boot CPU.  Raises OSError, EPERM in an interrupt handler.
mp_int_t job_start_cpus(void);
// Make a CPU idle, starting it if it is off.  Raises OSError: EBUSY, ENODEV when it did not come.
void job_ready(unsigned cpu);
// A CPU other than the boot CPU; raises ValueError, and OSError(EPERM) in an interrupt handler.
unsigned job_cpu(mp_obj_t cpu);
// Ask to end early, and wait until it has.
void job_cancel(job_t *job);

// For take(): a range as args[at] address, args[at + 1] bytes.  where, n: as rawmem has them, but n may be missing
// (MP_OBJ_NULL).  claim: which of claims[] to use for a range that is written, -1 for one that is read.
void leaf_range(job_t *job, unsigned at, mp_obj_t where, mp_obj_t n, int claim);
// An argument that counts from `least`, `otherwise` when it is missing.
uint64_t leaf_count_arg(size_t n, const mp_obj_t *args, size_t i, uint64_t least,
                        uint64_t otherwise);
void leaf_arity(const leaf_t *leaf, size_t n, size_t least, size_t most);

#endif
