// SPDX-License-Identifier: MIT
// mmu.selftest: remap a page under an entry that the TLB holds, flush, and look which page answers.

#include "boot/pagetables.h"
#include "boot/ptdesc.h"
#include "mem.h"
#include "memlayout.h"
#include "mmu.h"
#include "mmuspace.h"
#include "modmmu.h"
#include "postmortem.h"
#include "ptwalk.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "tlb.h"

#define ROUNDS_MAX 1000000
#define POLL_ROUNDS 1024
#define TEST_VA (MMU_SPACES + 0x5a5a5a000)

typedef enum { NONE, VA, VA_ASID, ASID, ALL, KINDS } kind_t;

static inline void flush(kind_t kind, unsigned asid) {
    switch (kind) {
        case VA:
            tlb_flush_va(TEST_VA);
            break;
        case VA_ASID:
            tlb_flush_va_asid(TEST_VA, asid);
            break;
        case ASID:
            tlb_flush_asid(asid);
            break;
        case ALL:
            tlb_flush_all();
            break;
        default: // the control: only what orders the stores
            dsb_ishst();
            isb();
            break;
    }
}

// The caller raises it, when the page and its space are gone.
static bool interrupted(void) {
    return MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL;
}

// One round: how often the page that was mapped before answered.
static uint64_t rounds(kind_t kind, unsigned asid, uint64_t *entry, uint64_t n,
                       const uint64_t pages[2]) {
    uint64_t bits = (*entry & ~DESC_ADDR), old_seen = 0;
    for (uint64_t i = 0; i < n && !(i % POLL_ROUNDS == 0 && interrupted()); i++) {
        tlb_flush_all();
        *entry = bits | pages[i & 1];
        dsb_ishst(); // the entry before the walk for it
        isb();
        if (io_read64(TEST_VA) != pages[i & 1]) { // now the TLB holds it
            return ~0ull;
        }
        *entry = 0; // break, flush, make
        flush(kind, asid);
        *entry = bits | pages[~i & 1];
        dsb_ishst(); // the entry before the walk for it
        isb();
        old_seen += io_read64(TEST_VA) == pages[i & 1];
    }
    tlb_flush_all();
    return old_seen;
}

// Ticks of time.ticks_cpu() that n flushes in a row take.
static uint64_t cost(kind_t kind, unsigned asid, uint64_t n) {
    uint64_t start = mp_hal_ticks_cpu();
    for (uint64_t i = 0; i < n && !(i % POLL_ROUNDS == 0 && interrupted()); i++) {
        flush(kind, asid);
    }
    return mp_hal_ticks_cpu() - start;
}

typedef struct {
    uint64_t old_seen, ticks;
} result_t;

// In a space of its own, so that the page is not global.  False: no memory.
static bool run(uint64_t n, result_t results[KINDS]) {
    uint8_t *memory = mem_alloc(2 * PAGE_SIZE);
    mmu_space_t s, *before = mmu_space_current();
    bool done = memory != NULL && mmu_space_open(&s);
    if (done) {
        const uint64_t pages[2] = {(uintptr_t)memory, (uintptr_t)memory + PAGE_SIZE};
        *(uint64_t *)(void *)memory = pages[0];
        *(uint64_t *)(void *)(memory + PAGE_SIZE) = pages[1];
        const char *why;
        done = mmu_map(s.root, TEST_VA, pages[0], PAGE_SIZE, MT_NORMAL, PT_W, &why) == 0;
        if (done) {
            mmu_space_switch(&s);
            ptstep_t steps[4];
            int levels = ptwalk(s.root, TEST_VA, steps);
            uint64_t *entry = (uint64_t *)(uintptr_t)steps[levels - 1].entry;
            for (kind_t kind = NONE; kind < KINDS; kind++) {
                unsigned asid = mmu_space_asid(&s);
                results[kind].old_seen = rounds(kind, asid, entry, n, pages);
                results[kind].ticks = cost(kind, asid, n);
            }
            mmu_space_switch(before);
        }
        mmu_space_close(&s);
    }
    if (memory != NULL) {
        mem_free(memory, 2 * PAGE_SIZE);
    }
    return done;
}

// selftest(n=1000) -> {kind: (rounds, rounds in which the old page answered, ticks of n flushes)}
static mp_obj_t selftest(size_t n_args, const mp_obj_t *args) {
    postmortem_check_write();
    static const qstr names[KINDS] = {MP_QSTR_none, MP_QSTR_va, MP_QSTR_va_asid, MP_QSTR_asid,
                                      MP_QSTR_all};
    mp_int_t n = n_args > 0 ? mp_obj_get_int(args[0]) : 1000;
    if (n < 1 || n > ROUNDS_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("1 to 1000000 rounds"));
    }
    result_t results[KINDS];
    if (!run((uint64_t)n, results)) {
        mp_raise_msg(&mp_type_MemoryError, MP_ERROR_TEXT("no memory for the pages and tables"));
    }
    port_check_ctrl_c();
    mp_obj_t dict = mp_obj_new_dict(KINDS);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        mp_obj_t items[] = {
            MP_OBJ_NEW_SMALL_INT(n),
            MP_OBJ_NEW_SMALL_INT(results[kind].old_seen),
            MP_OBJ_NEW_SMALL_INT(results[kind].ticks),
        };
        mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(names[kind]), mp_obj_new_tuple(3, items));
    }
    return dict;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(mmu_selftest_obj, 0, 1, selftest);
