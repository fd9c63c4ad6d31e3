// SPDX-License-Identifier: MIT
// From the entry's hand-off to the prompt, and round again at every soft reset.

#include <string.h>

#include "py/builtin.h"
#include "py/compile.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/readline/readline.h"
#include "shared/runtime/pyexec.h"
#include "shared/runtime/softtimer.h"

#include "boot/hwconfig.h"
#include "fault.h"
#include "genhdr/mpversion.h"
#include "hw.h"
#include "io.h"
#include "irq.h"
#include "klog.h"
#include "mem.h"
#include "memlayout.h"
#include "mmu.h"
#include "mphalport.h"
#include "postmortem.h"
#include "qstrfilter.h"
#include "rng.h"
#include "smp.h"
#include "softreset.h"
#include "timer.h"
#include "uart.h"
#include "version.h"

extern char __thread_stack_top[];
extern const uint8_t __build_id_note[];

#define NOTE_HEADER 16 // name size, descriptor size, type, "GNU\0"

static void read_build_id(void) {
    memcpy(hw.build_id, __build_id_note + NOTE_HEADER, sizeof(hw.build_id));
}

static void print_banner(void) {
    mem_stats_t m;
    mem_stats(&m);
    uint64_t us = timer_to_us(cntvct() - hw.stamps[0].cntvct);
    // QEMU's product starts with its vendor.
    bool with_vendor = strncmp(hw.product, hw.vendor, strlen(hw.vendor)) != 0;
    mp_printf(
        &mp_plat_print,
        "Pyrallax %s (build %02x%02x%02x%02x) on %s%s%s, %u CPU%s, %u MiB, up in %u.%03u ms\n",
        PYRALLAX_VERSION, hw.build_id[0], hw.build_id[1], hw.build_id[2], hw.build_id[3],
        with_vendor ? hw.vendor : "", with_vendor && hw.product[0] ? " " : "",
        hw.product[0] || hw.vendor[0] ? hw.product : "an unknown machine", (unsigned)hw.cpu_count,
        hw.cpu_count == 1 ? "" : "s", (unsigned)(m.ram >> 20), (unsigned)(us / 1000),
        (unsigned)(us % 1000));
}

static void log_machine(void) {
    static const char *const uart_from[] = {"none", "SPCR", "DBG2", "device tree", "default"};
    klog(KLOG_INFO, "pyrallax: version=%s el=%u uefi=%d fdt=%d acpi=%d", PYRALLAX_VERSION,
         (unsigned)hw.boot_el, (hw.flags & HW_F_UEFI) != 0, (hw.flags & HW_F_FDT) != 0,
         (hw.flags & HW_F_ACPI) != 0);
    klog(KLOG_INFO, "image: phys=0x%lx size=0x%lx", (unsigned long)hw.image_phys,
         (unsigned long)hw.image_size);
    klog(KLOG_INFO, "uart: base=0x%lx intid=%u from=%s", (unsigned long)hw.uart_base,
         (unsigned)hw.uart_intid,
         hw.uart_from < MP_ARRAY_SIZE(uart_from) ? uart_from[hw.uart_from] : "?");
    if (hw.cmdline[0] != 0) {
        klog(KLOG_INFO, "cmdline: %s", hw.cmdline);
    }
}

// PL031: seconds since 1970 at offset 0 (ARM DDI 0224B §3.3.1).
static void read_clock(void) {
    if (hw.epoch_s == 0 && hw.pl031 != 0) {
        hw.epoch_s = io_read32(hw.pl031);
        hw.epoch_cntvct = cntvct();
    }
}

static void python_loop(void) {
    bool cold = true;
    for (;;) {
        void *heap;
        size_t heap_size;
        mem_heap_first(&heap, &heap_size);
        mp_cstack_init_with_top(__thread_stack_top, THREAD_STACK_SIZE);
        gc_init(heap, (uint8_t *)heap + heap_size);
        mp_init();
        qstrfilter_reset();
        readline_init0();
        postmortem_allowed = true;
        if (cold) {
            hw_stamp(HW_STAGE_HEAP);
        }

        int ret = pyexec_frozen_module("_boot.py", false);
        if (!(ret & PYEXEC_FORCED_EXIT)) {
            ret = pyexec_file_if_exists("boot.py");
        }
        if (cold) {
            hw_stamp(HW_STAGE_BOOT_PY);
        }
        if (!(ret & PYEXEC_FORCED_EXIT) && pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL &&
            ret != 0) {
            ret = pyexec_frozen_module("_start.py", false); // to which Ctrl-C is a key
        }
        if (!(ret & PYEXEC_FORCED_EXIT) && pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL &&
            ret != 0) {
            ret = pyexec_file_if_exists("main.py");
        }
        if (cold) {
            hw_stamp(HW_STAGE_PROMPT);
            if (pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL) {
                print_banner();
            }
            cold = false;
        }
        while (!(ret & PYEXEC_FORCED_EXIT)) {
            ret = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() :
                                                             pyexec_friendly_repl();
        }

        pyexec_frozen_module("_shutdown.py", false);
        mp_printf(&mp_plat_print, "MPY: soft reboot\n");
        softreset_run(); // devices stop before their memory is reused
        __asm__ volatile("msr daifclr, #2" ::: "memory"); // who called disable_irq is gone
        soft_timer_deinit();
        gc_sweep_all();
        mp_deinit();
        mem_heap_reset();
    }
}

void gc_regs(uint64_t regs[10]);
void kernel_main(const hw_config_t *config, uint64_t el);

// From start.S: MMU on, thread stack, interrupts masked.
void kernel_main(const hw_config_t *config, uint64_t el) {
    hw = *config;
    hw_stamp(HW_STAGE_ENTRY);
    bool whole =
        hw.version == HW_VERSION && hw.size == sizeof(hw) && config->crc == hw_config_crc(config);
    read_build_id();
    hw.boot_el = (uint32_t)el;
    uart_init_tx();
    if (!whole) {
        panic(NULL, "hand-off is damaged: version %u size %u, expected %u %u", (unsigned)hw.version,
              (unsigned)hw.size, HW_VERSION, (unsigned)sizeof(hw));
    }
    __asm__ volatile("msr daifclr, #4" ::: "memory"); // SError from here on is a panic, not silence
    hw_stamp(HW_STAGE_CONSOLE);
    timer_clock_init();
    mmu_init();
    klog_init();
    port_pmu_init();
    mem_init(panic_policy() == 'p' ? POSTMORTEM_SIZE : 0);
    smp_init();
    hw_stamp(HW_STAGE_MEMORY);
    irq_init();
    timer_init();
    uart_init_rx();
    __asm__ volatile("msr daifclr, #2" ::: "memory");
    hw_stamp(HW_STAGE_IRQ);
    read_clock();
    rng_init();
    log_machine();
    python_loop();
}

extern unsigned gcscan_collections; // gcscan.h, which is for gc.c alone
unsigned gcscan_collections;

void gc_collect(void) {
    uint64_t regs[10];
    gc_regs(regs);
    gc_collect_start();
    // From the registers saved on this frame up to the top of the stack.
    gc_collect_root((void **)regs,
                    ((uintptr_t)MP_STATE_THREAD(stack_top) - (uintptr_t)regs) / sizeof(void *));
    // A timer that fired since the roots were marked has left the timers' heap for the scheduler's queue: both are
    // marked in one piece, and what fires from here on is marked already.
    uint64_t state = irq_save();
    soft_timer_gc_mark_all();
    gc_collect_root((void **)MP_STATE_VM(sched_queue),
                    sizeof(MP_STATE_VM(sched_queue)) / (sizeof(void *)));
    irq_restore(state);
    gc_collect_end();
    gcscan_collections++;
}

size_t gc_get_max_new_split(void) {
    return postmortem_active ? 0 : mem_heap_room(); // the dead one's memory is not touched
}

void nlr_jump_fail(void *val) {
    (void)val;
    panic(NULL, "exception outside any handler: %s", mp_obj_get_type_str(MP_OBJ_FROM_PTR(val)));
}
