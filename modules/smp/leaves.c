// SPDX-License-Identifier: MIT
// The functions that another CPU can run.  Each asks at least every 64 KiB whether it shall stop.

#include <string.h>

#include "boot/crc32.h"
#include "io.h"
#include "job.h"
#include "modules/pyobj.h"
#include "modules/rawmem/memtest.h"
#include "modules/rawmem/range.h"
#include "py/runtime.h"

#define STEP 0x10000
#define ADDS_STEP 1024

static mp_obj_t arg(size_t n, const mp_obj_t *args, size_t i) {
    return i < n ? args[i] : MP_OBJ_NULL;
}

// ---- nop: what a call costs

static const leaf_t leaf_nop;

static void nop_take(job_t *job, size_t n, const mp_obj_t *args) {
    (void)job;
    (void)args;
    leaf_arity(&leaf_nop, n, 0, 0);
}

static void nop_run(smp_work_t *w) {
    (void)w;
}

static mp_obj_t nop_result(const smp_work_t *w) {
    (void)w;
    return mp_const_none;
}

static const leaf_t leaf_nop = {MP_QSTR_nop, "()", nop_take, nop_run, nop_result};

// ---- crc32

static const leaf_t leaf_crc32;

static void crc32_take(job_t *job, size_t n, const mp_obj_t *args) {
    leaf_arity(&leaf_crc32, n, 1, 2);
    leaf_range(job, 0, args[0], arg(n, args, 1), -1);
}

static void crc32_run(smp_work_t *w) {
    uint32_t crc = 0;
    for (size_t at = 0; at < w->args[1] && !smp_stopped(w); at += STEP) {
        crc = hw_crc32_update(crc, (const uint8_t *)w->args[0] + at, MIN(STEP, w->args[1] - at));
    }
    w->results[0] = crc;
}

static mp_obj_t crc32_result(const smp_work_t *w) {
    return pyobj_uint(w->results[0]);
}

static const leaf_t leaf_crc32 = {MP_QSTR_crc32, "(where, n)", crc32_take, crc32_run, crc32_result};

// ---- memtest

static const leaf_t leaf_memtest;

static void memtest_take(job_t *job, size_t n, const mp_obj_t *args) {
    leaf_arity(&leaf_memtest, n, 1, 3);
    job->work.args[2] = leaf_count_arg(n, args, 2, 1, 1);
    leaf_range(job, 0, args[0], arg(n, args, 1), 0);
    if (((job->work.args[0] | job->work.args[1]) & 7) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("address and length are multiples of 8"));
    }
}

static bool memtest_poll(void *work) {
    return !smp_stopped(work);
}

static void memtest_run_(smp_work_t *w) {
    memtest_bad_t bad = {0};
    w->results[0] =
        memtest_run((uint64_t *)w->args[0], w->args[1], w->args[2], memtest_poll, w, &bad);
    w->results[1] = bad.addr;
    w->results[2] = bad.wrote;
    w->results[3] = bad.read;
}

static mp_obj_t memtest_result(const smp_work_t *w) {
    memtest_bad_t bad = {w->results[1], w->results[2], w->results[3]};
    return range_memtest_result((memtest_end_t)w->results[0], &bad);
}

static const leaf_t leaf_memtest = {MP_QSTR_memtest, "(where, n, passes=1)", memtest_take,
                                    memtest_run_, memtest_result};

// ---- bandwidth: (bytes, counter ticks)

typedef void (*step_t)(uint8_t *to, const uint8_t *from, size_t n);

static void rounds(smp_work_t *w, step_t step) {
    uint64_t n = w->args[1], start = cntvct(), bytes = 0;
    for (uint64_t i = 0; i < w->args[4]; i++) {
        for (size_t at = 0; at < n && !smp_stopped(w); at += STEP) {
            size_t len = MIN(STEP, n - at);
            step((uint8_t *)w->args[0] + at, (const uint8_t *)w->args[2] + at, len);
            bytes += len;
        }
        if (smp_stopped(w)) {
            break;
        }
    }
    dsb_sy(); // the last stores are done before the clock is read
    w->results[0] = bytes;
    w->results[1] = cntvct() - start;
}

static mp_obj_t rounds_result(const smp_work_t *w) {
    return pyobj_pair(w->results[0], w->results[1]);
}

static void fill_step(uint8_t *to, const uint8_t *from, size_t n) {
    (void)from;
    memset(to, 0x5a, n);
}

static void copy_step(uint8_t *to, const uint8_t *from, size_t n) {
    memcpy(to, from, n);
}

static void read_step(uint8_t *to, const uint8_t *from, size_t n) {
    (void)from;
    uint64_t sum = 0;
    for (size_t i = 0; i + 8 <= n; i += 8) {
        uint64_t v;
        memcpy(&v, to + i, 8);
        sum += v;
    }
    __asm__ volatile("" : : "r"(sum)); // the loads are wanted
}

static void fill_run(smp_work_t *w) {
    rounds(w, fill_step);
}

static void copy_run(smp_work_t *w) {
    rounds(w, copy_step);
}

static void read_run(smp_work_t *w) {
    rounds(w, read_step);
}

static const leaf_t leaf_fill, leaf_read, leaf_copy;

static void fill_take(job_t *job, size_t n, const mp_obj_t *args) {
    leaf_arity(&leaf_fill, n, 1, 3);
    job->work.args[4] = leaf_count_arg(n, args, 2, 1, 1);
    leaf_range(job, 0, args[0], arg(n, args, 1), 0);
}

static void read_take(job_t *job, size_t n, const mp_obj_t *args) {
    leaf_arity(&leaf_read, n, 1, 3);
    job->work.args[4] = leaf_count_arg(n, args, 2, 1, 1);
    leaf_range(job, 0, args[0], arg(n, args, 1), -1);
}

static void copy_take(job_t *job, size_t n, const mp_obj_t *args) {
    leaf_arity(&leaf_copy, n, 2, 4);
    job->work.args[4] = leaf_count_arg(n, args, 3, 1, 1);
    leaf_range(job, 0, args[0], arg(n, args, 2), 0);
    leaf_range(job, 2, args[1], arg(n, args, 2), -1);
    if (job->work.args[1] != job->work.args[3]) {
        mp_raise_ValueError(MP_ERROR_TEXT("lengths differ"));
    }
}

static const leaf_t leaf_fill = {MP_QSTR_fill, "(where, n, rounds=1)", fill_take, fill_run,
                                 rounds_result};
static const leaf_t leaf_read = {MP_QSTR_read, "(where, n, rounds=1)", read_take, read_run,
                                 rounds_result};
static const leaf_t leaf_copy = {MP_QSTR_copy, "(to, from, n, rounds=1)", copy_take, copy_run,
                                 rounds_result};

// ---- peek: a register as that CPU sees it (banked ones differ)

static const leaf_t leaf_peek;

static void peek_take(job_t *job, size_t n, const mp_obj_t *args) {
    leaf_arity(&leaf_peek, n, 1, 2);
    uint64_t addr = (uint64_t)mp_obj_get_int_truncated(args[0]);
    uint64_t width = leaf_count_arg(n, args, 1, 8, 32);
    if ((width != 8 && width != 16 && width != 32 && width != 64) ||
        (addr & (width / 8 - 1)) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("width is 8, 16, 32 or 64, and the address aligned"));
    }
    job->work.args[0] = addr;
    job->work.args[1] = width;
}

static void peek_run(smp_work_t *w) {
    uint64_t a = w->args[0];
    w->results[0] = w->args[1] == 8  ? io_guarded_read8(a) :
                    w->args[1] == 16 ? io_guarded_read16(a) :
                    w->args[1] == 32 ? io_guarded_read32(a) :
                                       io_guarded_read64(a);
}

static const leaf_t leaf_peek = {MP_QSTR_peek, "(address, width=32)", peek_take, peek_run,
                                 crc32_result};

// ---- add: increments of a shared 64-bit word by exclusives (Armv8.0, no LSE): (its value after the last, ticks)

static const leaf_t leaf_add;

static void add_take(job_t *job, size_t n, const mp_obj_t *args) {
    leaf_arity(&leaf_add, n, 2, 2);
    job->work.args[2] = leaf_count_arg(n, args, 1, 0, 0);
    leaf_range(job, 0, args[0], mp_obj_is_int(args[0]) ? MP_OBJ_NEW_SMALL_INT(8) : MP_OBJ_NULL, 0);
    if ((job->work.args[0] & 7) != 0 || job->work.args[1] < 8) {
        mp_raise_ValueError(MP_ERROR_TEXT("a 64-bit word, aligned"));
    }
}

static void add_run(smp_work_t *w) {
    uint64_t *p = (uint64_t *)w->args[0], start = cntvct(), v = 0;
    for (uint64_t i = 0; i < w->args[2] && (i % ADDS_STEP != 0 || !smp_stopped(w)); i++) {
        v = __atomic_add_fetch(p, 1, __ATOMIC_ACQ_REL);
    }
    w->results[0] = v;
    w->results[1] = cntvct() - start;
}

static const leaf_t leaf_add = {MP_QSTR_add, "(word, times)", add_take, add_run, rounds_result};

// ---- crash: see what a panic of another CPU looks like

static void crash_run(smp_work_t *w) {
    (void)w;
    __asm__ volatile("udf #0");
}

static const leaf_t leaf_crash = {MP_QSTR_crash, "()", nop_take, crash_run, nop_result};

const leaf_t *const leaves[] = {&leaf_nop,  &leaf_crc32, &leaf_memtest, &leaf_fill, &leaf_read,
                                &leaf_copy, &leaf_peek,  &leaf_add,     &leaf_crash};
const size_t leaf_count = MP_ARRAY_SIZE(leaves);
