// SPDX-License-Identifier: MIT
// Tests between the boot CPU and another one: how long a mailbox takes, and whether a TLB invalidation that one CPU
// broadcasts is observed by the other.

#include "pair.h"

#include "io.h"
#include "job.h"
#include "mem.h"
#include "memlayout.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "timer.h"
#include "tlb.h"

#define ANSWER_US 2000000 // the other CPU may be descheduled by the host, but not for that long
#define INTERRUPT_STEP 256

// A question is a number that only grows; the answer to it repeats the number.
static struct {
    uint64_t asked;
    uint8_t line[120]; // the two directions do not share a cache line
    uint64_t answered;
    bool found;
    uint64_t value;
} box;

// ---- the other CPU's half

typedef void (*answer_t)(smp_work_t *w);

static void serve(smp_work_t *w, answer_t answer) {
    for (uint64_t seen = 0; !smp_stopped(w);) {
        // Acquire: what the boot CPU did before it asked is visible before the answer is looked for.
        uint64_t asked = __atomic_load_n(&box.asked, __ATOMIC_ACQUIRE);
        if (asked != seen) {
            seen = asked;
            answer(w);
            // Release: found and value are written before the number is.
            __atomic_store_n(&box.answered, asked, __ATOMIC_RELEASE);
        }
    }
}

static void answer_ping(smp_work_t *w) {
    (void)w;
}

static void answer_read(smp_work_t *w) {
    isb(); // nothing fetched or translated ahead of the question
    box.found = io_try_read64(w->args[0], &box.value);
}

static void ping_run(smp_work_t *w) {
    serve(w, answer_ping);
}

static void shootdown_run(smp_work_t *w) {
    serve(w, answer_read);
}

// ---- the boot CPU's half

static void ask(void) {
    uint64_t number = box.asked + 1;
    // Release: the test's stores are visible before the question.
    __atomic_store_n(&box.asked, number, __ATOMIC_RELEASE);
    uint64_t end = timer_after_us(ANSWER_US);
    // Acquire: found and value are those of this answer.
    while (__atomic_load_n(&box.answered, __ATOMIC_ACQUIRE) != number) {
        if (cntvct() > end) {
            mp_raise_OSError(MP_ETIMEDOUT);
        }
    }
    if (number % INTERRUPT_STEP == 0) {
        port_check_ctrl_c();
    }
}

typedef void (*test_t)(uint64_t rounds, uint64_t *results, void *arg);

// Run both halves; the other one is stopped whatever happens here.
static void together(unsigned cpu, smp_fn_t other, uint64_t arg0, test_t test, uint64_t rounds,
                     uint64_t *results, void *arg) {
    job_ready(cpu);
    smp_work_t *w = smp_prepare(cpu);
    if (w == NULL) {
        mp_raise_OSError(MP_EBUSY);
    }
    box.asked = 0;
    box.answered = 0;
    w->args[0] = arg0;
    w->fn = other;
    smp_post(cpu);
    nlr_buf_t nlr;
    bool raised = nlr_push(&nlr) != 0;
    if (!raised) {
        test(rounds, results, arg);
        nlr_pop();
    }
    smp_stop(cpu);
    for (uint64_t end = timer_after_us(ANSWER_US); !smp_done(cpu) && cntvct() < end;) {
    }
    if (smp_done(cpu)) {
        smp_reap(cpu);
    }
    if (raised) {
        nlr_jump(nlr.ret_val);
    }
}

static mp_obj_t numbers(const uint64_t *v, size_t n) {
    mp_obj_t items[4];
    for (size_t i = 0; i < n; i++) {
        items[i] = mp_obj_new_int_from_uint(v[i]);
    }
    return mp_obj_new_tuple(n, items);
}

static uint64_t rounds_of(size_t n, const mp_obj_t *args) {
    return leaf_count_arg(n, args, 1, 1, 1000);
}

static void ping(uint64_t rounds, uint64_t *results, void *arg) {
    (void)arg;
    ask(); // the other half has begun
    uint64_t start = cntvct();
    for (uint64_t i = 0; i < rounds; i++) {
        ask();
    }
    results[0] = rounds;
    results[1] = cntvct() - start;
}

// ping(cpu, rounds=1000) -> (rounds, counter ticks for all of them)
static mp_obj_t smp_ping(size_t n, const mp_obj_t *args) {
    uint64_t results[2];
    together(job_cpu(args[0]), ping_run, 0, ping, rounds_of(n, args), results, NULL);
    return numbers(results, 2);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(smp_ping_obj, 1, 2, smp_ping);

typedef struct {
    uint64_t va, bits, *descriptor;
    uint8_t *pages; // two
} shootdown_t;

// Break-before-make (Arm ARM D8.14.1), with a question after each of its steps.
static void shootdown(uint64_t rounds, uint64_t *results, void *arg) {
    const shootdown_t *t = arg;
    for (uint64_t i = 0; i < rounds; i++) {
        uint64_t *page = (uint64_t *)(void *)(t->pages + i % 2 * PAGE_SIZE);
        *page = i;
        *t->descriptor = (uint64_t)page | t->bits;
        dsb_ishst(); // the descriptor, before any CPU walks there
        isb();
        ask(); // the other CPU's TLB has the page now
        bool wrong = !box.found || box.value != i;
        *t->descriptor = 0;
        dsb_ishst();
        ask(); // legal: the entry lives on
        results[1] += box.found;
        wrong = wrong || (box.found && box.value != i);
        tlb_flush_va(t->va);
        ask(); // must find nothing
        results[2] += box.found;
        results[3] += wrong;
        results[0]++;
    }
}

// shootdown(cpu, rounds=1000) -> (rounds, stale, missed, wrong).  stale: reads through an entry that the tables no
// longer have, before the invalidation; missed: such reads after it; wrong: reads of another page's data.
static mp_obj_t smp_shootdown(size_t n, const mp_obj_t *args) {
    unsigned cpu = job_cpu(args[0]);
    uint64_t rounds = rounds_of(n, args), results[4] = {0};
    shootdown_t t;
    t.va = smp_test_page(&t.descriptor, &t.bits);
    t.pages = t.va == 0 ? NULL : mem_alloc(2 * PAGE_SIZE);
    if (t.pages == NULL) {
        mp_raise_OSError(MP_ENOMEM);
    }
    nlr_buf_t nlr;
    bool raised = nlr_push(&nlr) != 0;
    if (!raised) {
        together(cpu, shootdown_run, t.va, shootdown, rounds, results, &t);
        nlr_pop();
    }
    *t.descriptor = 0;
    tlb_flush_va(t.va);
    mem_free(t.pages, 2 * PAGE_SIZE);
    if (raised) {
        nlr_jump(nlr.ret_val);
    }
    return numbers(results, 4);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(smp_shootdown_obj, 1, 2, smp_shootdown);
