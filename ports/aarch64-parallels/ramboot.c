// SPDX-License-Identifier: MIT

#include "ramboot.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "boot/arch.h"
#include "boot/elf.h"
#include "boot/pagetables.h"
#include "hw.h"
#include "io.h"
#include "irq.h"
#include "its.h"
#include "mem.h"
#include "memlayout.h"
#include "psci.h"
#include "rng.h"
#include "smp.h"
#include "softreset.h"
#include "timer.h"
#include "uart.h"

#define IMAGE_ALIGN 65536 // as the shim places it
#define OURS 0x544f4f42u  // hw_mem_t.type of the memory below: the next one takes it back
#define MORE_REGIONS 8    // that this may add to the memory list
#define CPU_OFF_US 1000000
#define AFFINITY 0xff00ffffffull // of MPIDR_EL1

// One allocation.  A page at either end stays free, so that the list does not merge ours with others' regions.
static struct {
    uint8_t *base;
    size_t size;
    hw_config_t *config;
    uint64_t entry;
} next;

static size_t pages_up(size_t n) {
    return (n + PAGE_SIZE - 1) & ~(size_t)(PAGE_SIZE - 1);
}

static void drop(void) {
    if (next.base != NULL) {
        mem_free(next.base, next.size);
    }
    memset(&next, 0, sizeof(next));
}

static void add(hw_config_t *h, uint64_t base, uint64_t size, uint32_t kind) {
    h->mem[h->mem_count++] = (hw_mem_t) {.base = base, .size = size, .kind = kind};
}

// The running image and what an earlier ramboot left are free memory to the next one.
static const char *memory_list(hw_config_t *h, uint64_t kept, uint64_t kept_size) {
    if (h->mem_count + MORE_REGIONS > HW_MAX_MEM / 2) {
        return "memory-list-full";
    }
    for (uint32_t i = 0; i < h->mem_count; i++) {
        hw_mem_t *m = &h->mem[i];
        if (m->kind == HW_MEM_IMAGE || (m->kind == HW_MEM_BOOT && m->type == OURS)) {
            m->kind = HW_MEM_FREE;
        }
    }
    add(h, h->image_phys, h->image_size, HW_MEM_IMAGE);
    add(h, kept, kept_size, HW_MEM_BOOT);
    if (hw_mem_normalize(h) != 0) {
        return "memory-list-full";
    }
    for (uint32_t i = 0; i < h->mem_count; i++) {
        if (h->mem[i].kind == HW_MEM_BOOT && h->mem[i].base == kept) {
            h->mem[i].type = OURS;
        }
    }
    return NULL;
}

static int tables(hw_config_t *h, const elf_image_t *image, uint8_t *pool, size_t pool_pages) {
    pt_segment_t segments[ELF_MAX_SEGMENTS];
    for (size_t i = 0; i < image->count; i++) {
        const elf_segment_t *s = &image->segments[i];
        segments[i] = (pt_segment_t) {
            .vaddr = s->vaddr,
            .size = s->memsz,
            .flags = (s->flags & ELF_PF_W ? PT_W : 0) | (s->flags & ELF_PF_X ? PT_X : 0),
        };
    }
    pt_t pt = {.pool = pool, .pool_pages = pool_pages};
    return pt_build(&pt, h, segments, image->count, arch_pa_bits());
}

static void place(uint8_t *to, const uint8_t *elf, const elf_image_t *image) {
    memset(to, 0, image->span);
    for (size_t i = 0; i < image->count; i++) {
        const elf_segment_t *s = &image->segments[i];
        memcpy(to + (s->vaddr - KERNEL_BASE), elf + s->offset, s->filesz);
    }
}

// The hand-off that this firmware got, for the next image.
static const char *hand_off(hw_config_t *h, const elf_image_t *image, uint64_t phys, uint8_t *pool,
                            size_t pool_pages) {
    *h = hw;
    h->image_phys = phys;
    h->image_size = image->span;
    memcpy(h->build_id, image->build_id, sizeof(h->build_id));
    const char *why = memory_list(h, (uint64_t)h, pages_up(sizeof(*h)) + pool_pages * PAGE_SIZE);
    if (why == NULL && tables(h, image, pool, pool_pages) != 0) {
        why = "page-tables";
    }
    h->rng_len = sizeof(h->rng_seed);
    rng_bytes(h->rng_seed, sizeof(h->rng_seed));
    return why;
}

const char *ramboot_prepare(const void *elf, size_t len) {
    elf_image_t image;
    drop();
    const char *why = elf_check(elf, len, &image);
    if (why != NULL) {
        return why;
    }
    hw_config_t counted = {.mem_count = hw.mem_count + MORE_REGIONS, .image_size = image.span};
    size_t pool_pages = pt_pages_needed(&counted);
    size_t kept = pages_up(sizeof(hw_config_t)) + pool_pages * PAGE_SIZE;
    next.size = IMAGE_ALIGN + image.span + kept + 2 * PAGE_SIZE;
    next.base = mem_alloc(next.size);
    if (next.base == NULL) {
        return "not-enough-memory";
    }
    uint64_t phys = ((uint64_t)next.base + PAGE_SIZE + IMAGE_ALIGN - 1) & ~(IMAGE_ALIGN - 1ull);
    next.config = (hw_config_t *)(phys + image.span);
    next.entry = phys + (image.entry - KERNEL_BASE);
    place((uint8_t *)phys, elf, &image);
    uint8_t *pool = (uint8_t *)next.config + pages_up(sizeof(hw_config_t));
    why = hand_off(next.config, &image, phys, pool, pool_pages);
    if (why != NULL) {
        drop();
    }
    return why;
}

// On another CPU: it comes back by CPU_ON alone, with nothing of this image.
static void leave(smp_work_t *work) {
    (void)work;
    psci_cpu_off();
}

static bool others_off(void) {
    uint64_t end = timer_after_us(CPU_OFF_US);
    for (unsigned i = 0; i < smp_count(); i++) {
        smp_work_t *work = smp_prepare(i);
        if (work == NULL) {
            continue; // never started, or it failed to
        }
        work->fn = leave;
        smp_post(i);
        while (psci_affinity_info(smp_mpidr(i) & AFFINITY) != PSCI_AFFINITY_OFF) {
            if (cntvct() > end) {
                return false;
            }
        }
    }
    return true;
}

int ramboot_go(void) {
    hw_config_t *h = next.config;
    if (h == NULL) {
        return 0;
    }
    softreset_run(); // devices stop before their memory is somebody else's
    if (!others_off()) {
        return -1;
    }
    __asm__ volatile("msr daifset, #0xf" ::: "memory");
    its_stop();
    uart_flush();
    h->stamps[0] = (hw_stamp_t) {.stage = HW_STAGE_SHIM_ENTRY, .cntvct = cntvct()};
    h->stamps[1] = (hw_stamp_t) {.stage = HW_STAGE_JUMP, .cntvct = cntvct()};
    h->stamp_count = 2;
    h->crc = hw_config_crc(h);
    arch_clean((uint64_t)next.base, next.size);
    arch_sync();
    // The next image's identity map has its entry page executable: start.S switches the MMU off there.
    __asm__ volatile("msr ttbr0_el1, %0\n\t"
                     "isb\n\t"
                     "tlbi vmalle1\n\t"
                     "dsb nsh\n\t"
                     "isb\n\t"
                     "mov x0, %1\n\t"
                     "br %2"
                     :
                     : "r"(h->ttbr0), "r"(h), "r"(next.entry)
                     : "x0", "memory");
    __builtin_unreachable();
}
