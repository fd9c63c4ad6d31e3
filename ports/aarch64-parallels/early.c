// SPDX-License-Identifier: MIT
// Entry without a shim (QEMU -kernel): hardware from the device tree or from QEMU virt's constants, and the page
// tables.  Runs at physical addresses with the MMU off: built with -mstrict-align -mgeneral-regs-only
// -fno-builtin, and no table of pointers may be used here.  A failure prints one line and
// parks the CPU.

#include <stdbool.h>

#include "boot/pagetables.h"
#include "fdt.h"
#include "hw.h"
#include "io.h"
#include "memlayout.h"

#define QEMU_RAM_BASE 0x40000000ull
#define QEMU_UART_BASE 0x09000000ull
#define QEMU_GICD_BASE 0x08000000ull
#define QEMU_RAM_DEFAULT (128ull << 20) // QEMU's smallest default
#define FDT_MAX (2u << 20)

extern char __image_start[], __text_end[], __rodata_start[], __rodata_end[], __data_start[],
    __data_end[];
extern char __thread_stack_bottom[], __thread_stack_top[], __exc_stack_bottom[], __exc_stack_top[],
    __image_end[];

hw_config_t early_hw; // start.S needs its name

static void early_fail(const hw_config_t *h, const char *why) {
    // A tree that names no UART: it can only be QEMU's machine that came this way.
    uint64_t uart = h->uart_base != 0 ? h->uart_base : QEMU_UART_BASE;
    const char *prefix = "\r\npyrallax: cannot boot: ";
    for (int part = 0; part < 2; part++) {
        for (const char *s = part == 0 ? prefix : why; *s != 0; s++) {
            while (io_read32(uart + 0x18) & (1u << 5)) {
            }
            io_write32(uart, (uint8_t)*s);
        }
    }
    for (;;) {
        wfi();
    }
}

static void guess_qemu_uart(hw_config_t *h) {
    h->uart_base = QEMU_UART_BASE;
    h->uart_kind = HW_UART_PL011;
    h->uart_intid = 33;
    h->uart_from = HW_FROM_DEFAULT;
}

// QEMU virt with no device tree anywhere (hw/arm/virt.c memory map, as documented by `dtc` of its tree).
static void guess_qemu_virt(hw_config_t *h) {
    h->flags |= HW_F_GUESS;
    guess_qemu_uart(h);
    h->gicd = QEMU_GICD_BASE;
    if ((sysreg_read(id_aa64pfr0_el1) >> 24 & 0xf) != 0) {
        h->gic_version = 3;
        h->gicr[0].base = 0x080a0000;
        h->gicr[0].size = 0xf60000;
        h->gicr_count = 1;
    } else {
        h->gic_version = 2;
        h->gicc = 0x08010000;
    }
    h->timer_virt_intid = 27;
    h->timer_phys_intid = 30;
    h->psci = HW_PSCI_HVC;
    h->pl031 = 0x09010000;
    h->cpu_count = 1;
    h->cpu_listed = 1;
    h->mem[0].base = QEMU_RAM_BASE;
    h->mem[0].size = QEMU_RAM_DEFAULT;
    h->mem[0].kind = HW_MEM_FREE;
    h->mem_count = 1;
}

static void add(hw_config_t *h, uint64_t base, uint64_t size, uint32_t kind) {
    if (h->mem_count >= HW_MAX_MEM) {
        early_fail(h, "memory list is full\r\n");
    }
    hw_mem_t *m = &h->mem[h->mem_count++];
    m->base = base;
    m->size = size;
    m->kind = kind;
}

static void segment(pt_segment_t *s, const char *from, const char *to, uint32_t flags,
                    const char *image) {
    s->vaddr = KERNEL_BASE + (uint64_t)(from - image);
    s->size = (uint64_t)(to - from);
    s->flags = flags;
}

static unsigned pa_bits(void) {
    switch (sysreg_read(id_aa64mmfr0_el1) & 0xf) { // PARange
        case 0:
            return 32;
        case 1:
            return 36;
        case 2:
            return 40;
        case 3:
            return 42;
        case 4:
            return 44;
        default:
            return 48;
    }
}

static bool is_ram(const hw_config_t *h, uint64_t base, uint64_t size) {
    for (uint32_t i = 0; i < h->mem_count; i++) {
        const hw_mem_t *m = &h->mem[i];
        if (m->kind == HW_MEM_FREE && base >= m->base && base + size <= m->base + m->size) {
            return true;
        }
    }
    return false;
}

// x0 at entry; exception level at entry.  Returns the hand-off, ready for mmu_on in start.S.
hw_config_t *early_main(uint64_t arg, uint64_t el) {
    hw_config_t *h = &early_hw;
    h->magic = HW_MAGIC;
    h->version = HW_VERSION;
    h->size = sizeof(*h);
    h->boot_el = (uint32_t)el;
    h->flags = el == 2 ? HW_F_EL2 : 0;
    h->stamps[0].stage = HW_STAGE_SHIM_ENTRY;
    h->stamps[0].cntvct = cntvct();
    h->stamp_count = 1;

    // QEMU -kernel with an ELF leaves x0 alone and puts the tree at the start of RAM.
    uint64_t tree = arg != 0 && (arg & 7) == 0 ? arg : QEMU_RAM_BASE;
    uint32_t tree_size = fdt_size((const void *)tree);
    if (tree_size != 0) {
        int r = tree_size <= FDT_MAX ? fdt_read((const void *)tree, tree_size, h) : -2;
        if (r != 0) {
            early_fail(h, "device tree is malformed\r\n");
        }
        h->fdt = tree;
        if (h->uart_base == 0 && h->gicd == QEMU_GICD_BASE) {
            guess_qemu_uart(h); // without a console nobody could tell what is wrong with the tree
        }
    } else {
        guess_qemu_virt(h);
    }
    if (hw_mem_normalize(h) != 0 || h->mem_count == 0) {
        early_fail(h, "no usable memory list\r\n");
    }

    h->image_phys = (uint64_t)__image_start;
    h->image_size = (uint64_t)(__image_end - __image_start);
    uint64_t pool = (h->image_phys + h->image_size + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
    uint64_t image_len = pool - h->image_phys;
    // Two more regions than now for image and tables, one for the tree, each at most splitting one.
    h->mem_count += 8;
    uint64_t pool_len = pt_pages_needed(h) * PAGE_SIZE;
    h->mem_count -= 8;
    if (!is_ram(h, h->image_phys, image_len + pool_len)) {
        early_fail(h, "not enough memory for the firmware and its page tables\r\n");
    }
    add(h, h->image_phys, image_len, HW_MEM_IMAGE);
    add(h, pool, pool_len, HW_MEM_BOOT);
    if (h->fdt != 0) {
        add(h, h->fdt, tree_size, HW_MEM_BOOT);
    }
    if (hw_mem_normalize(h) != 0) {
        early_fail(h, "memory list is full\r\n");
    }

    pt_segment_t segs[5];
    segment(&segs[0], __image_start, __text_end, PT_X, __image_start);
    segment(&segs[1], __rodata_start, __rodata_end, 0, __image_start);
    segment(&segs[2], __data_start, __data_end, PT_W, __image_start);
    segment(&segs[3], __thread_stack_bottom, __thread_stack_top, PT_W, __image_start);
    segment(&segs[4], __exc_stack_bottom, __exc_stack_top, PT_W, __image_start);
    pt_t pt;
    pt.pool = (uint8_t *)pool;
    pt.pool_pages = pool_len / PAGE_SIZE;
    if (pt_build(&pt, h, segs, 5, pa_bits()) != 0) {
        early_fail(h, "page tables do not fit\r\n");
    }
    h->crc = hw_config_crc(h);
    // What was written above went to memory; nothing stale may sit in a cache when they go on.
    for (uint64_t a = h->image_phys; a < pool + pool_len; a += 64) {
        __asm__ volatile("dc civac, %0" : : "r"(a) : "memory");
    }
    dsb_sy();
    return h;
}
