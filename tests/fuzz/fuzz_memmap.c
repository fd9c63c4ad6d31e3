// SPDX-License-Identifier: MIT
// sources: boot/memmap.c boot/memmap_query.c boot/log.c boot/pagetables.c
// Input: one byte of descriptor size (in 8 bytes), one of address bits, then the descriptors.
#include <stdlib.h>
#include <string.h>

#include "../../boot/log.h"
#include "../../boot/memmap.h"
#include "../../boot/pagetables.h"
#include "../../ports/aarch64-parallels/memlayout.h"

#define POOL_PAGES 3000
#define REQUIRE(cond) ((cond) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char text[8192];
    static hw_config_t hw;
    static uint8_t *pool;
    static const hw_mem_t keep[] = {{0x48000000, 0x10000, HW_MEM_IMAGE, 1}};
    if (size < 2) {
        return 0;
    }
    if (pool == NULL) {
        pool = aligned_alloc(4096, POOL_PAGES * 4096);
    }
    log_init(text, sizeof(text));
    memset(&hw, 0, sizeof(hw));
    unsigned pa_bits = data[1] % 64;
    if (memmap_convert(data + 2, size - 2, (size_t)data[0] * 8, keep, 1, pa_bits, &hw) != NULL) {
        return 0;
    }
    REQUIRE(hw.mem_count <= HW_MAX_MEM);
    uint64_t at = 0;
    for (uint32_t i = 0; i < hw.mem_count; i++) {
        const hw_mem_t *m = &hw.mem[i];
        REQUIRE(m->base >= at && m->size != 0 && (m->base | m->size) % 4096 == 0);
        REQUIRE(m->kind >= HW_MEM_FREE && m->kind <= HW_MEM_MMIO);
        REQUIRE(m->base != 0 || m->kind != HW_MEM_FREE);
        REQUIRE(i == 0 || m->base > at || m->kind != m[-1].kind);
        at = m->base + m->size;
        REQUIRE(at > m->base && at <= 1ull << 40);
    }
    memmap_log(&hw);

    // What the shim does next with any map that was accepted.
    static const pt_segment_t segments[] = {{KERNEL_BASE, 0x4000, PT_X},
                                            {KERNEL_BASE + 0x5000, 0x4000, PT_W}};
    hw.image_phys = 0x48000000;
    hw.image_size = 0x10000;
    pt_t pt = {.pool = pool, .pool_pages = POOL_PAGES};
    REQUIRE(pt_build(&pt, &hw, segments, 2, pa_bits) == 0);
    REQUIRE(pt.used_pages <= pt_pages_needed(&hw));
    return 0;
}
