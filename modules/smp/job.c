// SPDX-License-Identifier: MIT
// From Python's arguments to another CPU's mailbox and back.

#include "job.h"

#include <string.h>

#include "buserror.h"
#include "hw.h"
#include "irq.h"
#include "mem.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "softreset.h"
#include "timer.h"

#define SPIN_US 100          // short work ends sooner than a sleep and its interrupt take
#define SLEEP_MS 1000        // then look again, whatever was missed
#define CANCEL_US 2000000ull // work asks every 64 KiB

extern const mp_obj_type_t job_type;

// Jobs that run, by CPU: the collector must see them, and with them the buffers in use.
MP_REGISTER_ROOT_POINTER(mp_obj_t smp_jobs[64]);
_Static_assert(HW_MAX_CPUS == 64, "smp_jobs");

// What the calls from here on share with each other they share without a lock.
static void check_context(void) {
    if (irq_depth != 0) {
        mp_raise_OSError(MP_EPERM);
    }
}

unsigned job_cpu(mp_obj_t cpu) {
    check_context();
    mp_int_t i = mp_obj_get_int(cpu);
    if (i < 0 || i >= (mp_int_t)smp_count()) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("CPUs are 0 to %u"), smp_count() - 1);
    }
    if ((unsigned)i == smp_boot_cpu()) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("CPU %u runs Python"), (unsigned)i);
    }
    return (unsigned)i;
}

mp_int_t job_start_cpus(void) {
    check_context();
    int r = smp_start();
    if (r < 0) {
        mp_raise_OSError(-r);
    }
    return r;
}

static void release(job_t *job) {
    for (size_t i = 0; i < MP_ARRAY_SIZE(job->claims); i++) {
        if (job->claims[i].size != 0) {
            mem_free((void *)job->claims[i].base, job->claims[i].size);
            job->claims[i].size = 0;
        }
    }
}

// Take the result when it is there.  IRQ-safe: a hard handler may ask, too.
static bool finished(job_t *job) {
    uint64_t state = irq_save();
    if (job->running && smp_done(job->cpu)) {
        job->work = *smp_reap(job->cpu);
        job->running = false;
        release(job);
        MP_STATE_PORT(smp_jobs)[job->cpu] = MP_OBJ_NULL;
        job->args = MP_OBJ_NULL;
    }
    irq_restore(state);
    return !job->running;
}

// CPython's BufferError, for buffers that another CPU uses: bytearray would free the memory under it.  The linker sends
// every call of m_realloc here (--wrap).
void *__real_m_realloc(void *p, size_t size);
void *__wrap_m_realloc(void *p, size_t size);

void *__wrap_m_realloc(void *p, size_t size) {
    if (p != NULL && smp_busy()) {
        uint64_t from = (uint64_t)p, room = gc_nbytes(p);
        for (unsigned i = 0; i < smp_count(); i++) {
            const job_t *job = MP_OBJ_TO_PTR(MP_STATE_PORT(smp_jobs)[i]);
            if (job != NULL && smp_state(i) == SMP_BUSY &&
                (job->work.args[0] - from < room || job->work.args[2] - from < room)) {
                mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("another CPU uses the buffer"));
            }
        }
    }
    return __real_m_realloc(p, size);
}

static const leaf_t *find_leaf(mp_obj_t name) {
    qstr q = mp_obj_str_get_qstr(name);
    for (size_t i = 0; i < leaf_count; i++) {
        if (leaves[i]->name == q) {
            return leaves[i];
        }
    }
    mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("no function %q: see smp.functions()"), q);
}

void job_ready(unsigned cpu) {
    if (smp_state(cpu) == SMP_OFF) {
        job_start_cpus();
    }
    mp_obj_t before = MP_STATE_PORT(smp_jobs)[cpu];
    if (before != MP_OBJ_NULL) {
        finished(MP_OBJ_TO_PTR(before));
    } else if (smp_done(cpu)) {
        smp_reap(cpu); // smp.ping gave up waiting for it
    }
    smp_state_t s = smp_state(cpu);
    if (s != SMP_IDLE) {
        mp_raise_OSError(s == SMP_BUSY || s == SMP_DONE ? MP_EBUSY : MP_ENODEV);
    }
}

job_t *job_submit(size_t n, const mp_obj_t *args) {
    unsigned cpu = job_cpu(args[0]);
    const leaf_t *leaf = find_leaf(args[1]);
    job_ready(cpu);
    job_t *job = mp_obj_malloc(job_t, &job_type);
    memset(&job->leaf, 0, sizeof(*job) - offsetof(job_t, leaf));
    job->leaf = leaf;
    job->cpu = cpu;
    job->args = mp_obj_new_tuple(n - 2, args + 2);
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        leaf->take(job, n - 2, args + 2);
        nlr_pop();
    } else {
        release(job);
        nlr_jump(nlr.ret_val);
    }
    smp_work_t *work = smp_prepare(cpu);
    if (work == NULL) { // a handler that ran meanwhile was faster
        release(job);
        mp_raise_OSError(MP_EBUSY);
    }
    memcpy(work->args, job->work.args, sizeof(work->args));
    work->fn = leaf->run;
    job->running = true;
    MP_STATE_PORT(smp_jobs)[cpu] = MP_OBJ_FROM_PTR(job);
    smp_post(cpu);
    return job;
}

static mp_obj_t outcome(const job_t *job) {
    if (job->work.faulted) {
        bus_error_raise(&job->work.fault);
    }
    if (job->work.stopped) {
        mp_raise_OSError(MP_ECANCELED);
    }
    return job->leaf->result(&job->work);
}

mp_obj_t job_wait(job_t *job, mp_int_t timeout_ms) {
    uint64_t spin = timer_after_us(SPIN_US);
    while (!finished(job) && cntvct() < spin) {
    }
    uint64_t end = timeout_ms < 0 ? ~0ull : timer_after_us((uint64_t)timeout_ms * 1000);
    while (!finished(job)) {
        uint64_t now = cntvct();
        if (now >= end) {
            mp_raise_OSError(MP_ETIMEDOUT);
        }
        uint64_t left = end == ~0ull ? SLEEP_MS : timer_to_us(end - now) / 1000 + 1;
        smp_sleeping(true);
        if (!smp_done(job->cpu)) {
            nlr_buf_t nlr;
            if (nlr_push(&nlr) == 0) {
                mp_event_wait_ms((mp_uint_t)(left < SLEEP_MS ? left : SLEEP_MS));
                nlr_pop();
            } else {
                smp_sleeping(false);
                nlr_jump(nlr.ret_val);
            }
        }
        smp_sleeping(false);
    }
    return outcome(job);
}

void job_cancel(job_t *job) {
    if (job->running) {
        smp_stop(job->cpu);
        for (uint64_t end = timer_after_us(CANCEL_US); !finished(job) && cntvct() < end;) {
        }
    }
}

// done() -> bool
static mp_obj_t job_done(mp_obj_t self) {
    return mp_obj_new_bool(finished(MP_OBJ_TO_PTR(self)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(job_done_obj, job_done);

// wait(timeout_ms=-1) -> result
static mp_obj_t job_wait_(size_t n, const mp_obj_t *args) {
    return job_wait(MP_OBJ_TO_PTR(args[0]), n > 1 ? mp_obj_get_int(args[1]) : -1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(job_wait_obj, 1, 2, job_wait_);

// stop(): the work ends early; wait() then raises OSError(ECANCELED).
static mp_obj_t job_stop(mp_obj_t self) {
    job_t *job = MP_OBJ_TO_PTR(self);
    if (!finished(job)) {
        smp_stop(job->cpu);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(job_stop_obj, job_stop);

static void job_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] == MP_OBJ_NULL) {
        if (attr == MP_QSTR_cpu) {
            dest[0] = MP_OBJ_NEW_SMALL_INT(((job_t *)MP_OBJ_TO_PTR(self_in))->cpu);
        } else {
            dest[1] = MP_OBJ_SENTINEL; // look in the locals
        }
    }
}

static void job_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    job_t *job = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "<smp.Job %q on CPU %u, %s>", (qstr)job->leaf->name, job->cpu,
              finished(job) ? "done" : "running");
}

static const mp_rom_map_elem_t job_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_done), MP_ROM_PTR(&job_done_obj)},
    {MP_ROM_QSTR(MP_QSTR_wait), MP_ROM_PTR(&job_wait_obj)},
    {MP_ROM_QSTR(MP_QSTR_stop), MP_ROM_PTR(&job_stop_obj)},
};
static MP_DEFINE_CONST_DICT(job_locals, job_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    job_type,
    MP_QSTR_Job,
    MP_TYPE_FLAG_NONE,
    print, job_print,
    attr, job_attr,
    locals_dict, &job_locals
    );

static void job_reset(void) {
    smp_quiesce();
    for (unsigned i = 0; i < smp_count(); i++) {
        if (MP_STATE_PORT(smp_jobs)[i] != MP_OBJ_NULL) {
            release(MP_OBJ_TO_PTR(MP_STATE_PORT(smp_jobs)[i]));
            MP_STATE_PORT(smp_jobs)[i] = MP_OBJ_NULL;
        }
    }
}
SOFTRESET(job_reset);
