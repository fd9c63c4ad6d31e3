// SPDX-License-Identifier: MIT
// Start of the other CPUs: their stacks, what they read before their MMU is on, PSCI CPU_ON.

#include <string.h>

#include "boot/pagetables.h"
#include "boot/ptdesc.h"
#include "cache.h"
#include "hw.h"
#include "klog.h"
#include "mem.h"
#include "memlayout.h"
#include "mmu.h"
#include "psci.h"
#include "ptwalk.h"
#include "py/mperrno.h"
#include "smp.h"
#include "timer.h"

#define START_US 1000000 // Parallels and QEMU need milliseconds

// SMP_BASE: per CPU one slot; what is not listed in it is not mapped and guards the stacks.
#define SLOT 0x40000ull
#define EXC_AT GUARD_SIZE
#define EXC_SIZE 0x4000
#define WORK_AT (EXC_AT + EXC_SIZE + GUARD_SIZE)
#define WORK_SIZE 0x8000
#define STACKS (EXC_SIZE + WORK_SIZE)
#define TEST_PAGE (SMP_BASE + HW_MAX_CPUS * SLOT)
// A level 2 table and what is below it for SMP_BASE; four levels for the page of the entry.
#define TABLES (1 + HW_MAX_CPUS * SLOT / PT_LEVEL_SIZE(2) + 1 + 4)

// What smpentry.S loads, at these offsets.
typedef struct {
    uint64_t ttbr0_entry, ttbr1, tcr, mair;
    uint64_t high, ttbr0;
    uint64_t exc_stack, work_stack;
    uint64_t tpidr;
    uint64_t unused[7];
} smp_entry_t;
_Static_assert(sizeof(smp_entry_t) == 128, "whole cache lines of its own, and smpentry.S");

extern char smp_entry[], smp_high[], __image_start[];

static pt_t kernel, entry;   // the live tables, and those of the entry page
static smp_entry_t *entries; // of all CPUs, in a page of their own
static uint64_t *test_descriptor, test_bits;

uint64_t smp_exc_stack(unsigned cpu) {
    return SMP_BASE + cpu * SLOT + EXC_AT + EXC_SIZE;
}

uint64_t smp_work_stack(unsigned cpu) {
    return SMP_BASE + cpu * SLOT + WORK_AT + WORK_SIZE;
}

bool smp_on_stack(uint64_t a) {
    uint64_t at = (a - SMP_BASE) % SLOT;
    return a >= SMP_BASE && a < TEST_PAGE &&
           smp_state((unsigned)((a - SMP_BASE) / SLOT)) >= SMP_IDLE &&
           ((at >= EXC_AT && at + 16 <= EXC_AT + EXC_SIZE) ||
            (at >= WORK_AT && at + 16 <= WORK_AT + WORK_SIZE));
}

unsigned smp_boot_cpu(void) {
    uint64_t own = sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
    static unsigned cached = HW_MAX_CPUS;
    if (smp_self() != 0 || cached != HW_MAX_CPUS) {
        return cached; // another CPU asks for the boot CPU, not for itself
    }
    for (unsigned i = 0; i < smp_count(); i++) {
        if ((hw.cpu_mpidr[i] & MPIDR_AFFINITY) == own) {
            cached = i;
        }
    }
    return cached;
}

// New mappings where nothing was: no break-before-make, no invalidation (Arm ARM D8.14.1), but a DSB so that the
// walker finds them.
static int map(uint64_t va, uint64_t pa, uint64_t size) {
    int r = pt_map(&kernel, va, pa, size, MT_NORMAL, PT_W);
    dsb_ishst(); // the descriptors are visible to every walker before anything uses the range
    isb();
    return r == 0 ? 0 : -MP_ENOMEM;
}

static void test_page_init(void) {
    if (map(TEST_PAGE, (uint64_t)entries, PAGE_SIZE) != 0) { // any page of RAM
        return;
    }
    ptstep_t steps[4];
    ptwalk(kernel.root[1], TEST_PAGE, steps);
    test_descriptor = (uint64_t *)(uintptr_t)steps[3].entry;
    test_bits = *test_descriptor & ~DESC_ADDR;
    *test_descriptor = 0; // nobody has used it: no TLB has it
    dsb_ishst();          // but the walkers must not find it from here on
}

void smp_init(void) {
    uint8_t *pool = smp_count() > 1 ? mem_alloc((TABLES + 1) * PAGE_SIZE) : NULL;
    if (pool == NULL) {
        return;
    }
    kernel = (pt_t) {{(uint64_t *)hw.ttbr0, (uint64_t *)hw.ttbr1}, pool, TABLES - 4, 0};
    entry = (pt_t) {{(uint64_t *)(void *)(pool + (TABLES - 4) * PAGE_SIZE), NULL},
                    pool + (TABLES - 3) * PAGE_SIZE,
                    3,
                    0};
    memset(entry.root[0], 0, PAGE_SIZE);
    uint64_t page = mmu_phys(__image_start); // to_el1, mmu_on and smp_entry are all on it
    if (pt_map(&entry, page, page, PAGE_SIZE, MT_NORMAL, PT_X) == 0) {
        entries = (smp_entry_t *)(void *)(pool + TABLES * PAGE_SIZE);
        test_page_init();
    }
}

static int stacks(unsigned cpu) {
    uint8_t *p = mem_alloc(STACKS);
    if (p == NULL) {
        return -MP_ENOMEM;
    }
    int r = map(smp_exc_stack(cpu) - EXC_SIZE, (uint64_t)p, EXC_SIZE);
    return r != 0 ? r : map(smp_work_stack(cpu) - WORK_SIZE, (uint64_t)p + EXC_SIZE, WORK_SIZE);
}

static int start(unsigned cpu) {
    int r = stacks(cpu);
    if (r != 0) {
        return r;
    }
    smp_entry_t *e = &entries[cpu];
    *e = (smp_entry_t) {
        .ttbr0_entry = (uint64_t)entry.root[0],
        .ttbr1 = sysreg_read(ttbr1_el1),
        .tcr = sysreg_read(tcr_el1),
        .mair = sysreg_read(mair_el1),
        .high = (uint64_t)smp_high,
        .ttbr0 = hw.ttbr0,
        .exc_stack = smp_exc_stack(cpu),
        .work_stack = smp_work_stack(cpu),
        .tpidr = cpu + 1,
    };
    cache_flush(e, sizeof(*e)); // read with the MMU off
    smp_starting(cpu);
    int64_t answer =
        psci_cpu_on(hw.cpu_mpidr[cpu] & MPIDR_AFFINITY, mmu_phys(smp_entry), (uint64_t)e);
    if (answer != PSCI_SUCCESS) {
        smp_failed(cpu, (int)answer);
        klog(KLOG_ERROR, "smp: cpu=%u mpidr=0x%lx CPU_ON refused: %s", cpu,
             (unsigned long)hw.cpu_mpidr[cpu], psci_error_name((int)answer));
    }
    return 0;
}

int smp_start(void) {
    unsigned boot = smp_boot_cpu(), up = 1;
    if (hw.psci == HW_PSCI_NONE) {
        return -MP_EIO;
    }
    if (smp_count() == 1) {
        return (int)up;
    }
    if (entries == NULL) {
        return -MP_ENOMEM;
    }
    int r = 0;
    smp_boot_init();
    cache_flush(__image_start, PAGE_SIZE); // the entry's code, fetched with the MMU off
    bool fresh = false;
    for (unsigned i = 0; i < smp_count() && r == 0; i++) {
        if (i != boot && smp_state(i) == SMP_OFF) {
            r = start(i);
            fresh = true;
        }
    }
    uint64_t end = timer_after_us(START_US);
    for (unsigned i = 0; i < smp_count(); i++) {
        while (smp_state(i) == SMP_STARTING && fresh && cntvct() < end) {
        }
        if (smp_state(i) == SMP_STARTING && fresh) {
            klog(KLOG_ERROR, "smp: cpu=%u mpidr=0x%lx does not come", i,
                 (unsigned long)hw.cpu_mpidr[i]);
        }
        up += smp_state(i) >= SMP_IDLE;
    }
    if (fresh) {
        klog(KLOG_INFO, "smp: cpus=%u up=%u", smp_count(), up);
    }
    return r != 0 ? r : (int)up;
}

uint64_t smp_test_page(uint64_t **descriptor, uint64_t *bits) {
    *descriptor = test_descriptor;
    *bits = test_bits;
    return test_descriptor != NULL ? TEST_PAGE : 0;
}
