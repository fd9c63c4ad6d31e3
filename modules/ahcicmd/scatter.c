// SPDX-License-Identifier: MIT
// Where memory is for the HBA: entries of a command's table.

#include "ahcicmd.h"

#include "boot/ptdesc.h"
#include "io.h"
#include "memlayout.h"
#include "memrange.h"

// Physical address of one page that anybody may have mapped, if it is RAM and the device's answer may be written there.
static uint64_t mapped(uintptr_t va) {
    uint64_t par, state = irq_save(); // a handler may ask, too
    __asm__ volatile("at s1e1w, %1\nisb\nmrs %0, par_el1" : "=r"(par) : "r"(va) : "memory");
    irq_restore(state);
    uint64_t page = par & DESC_ADDR;
    bool normal = !(par & 1) && par >> 60 != 0; // no fault; not Device (Arm ARM D19.2.108)
    return normal && memrange_is_ram(page, PAGE_SIZE) ? page | (va & (PAGE_SIZE - 1)) : ~0ull;
}

static bool reached(const port_t *p, uint64_t phys, size_t len) {
    return phys != ~0ull && (p->wide || (phys + len - 1) >> 32 == 0);
}

unsigned scatter(const port_t *p, fis_table_t *t, unsigned n, piece_t piece) {
    uintptr_t va = (uintptr_t)piece.data;
    if (((va | piece.len) & 1) != 0) {
        return 0;
    }
    uint64_t phys = memrange_fixed(va, piece.len);
    if (phys != ~0ull) {
        return reached(p, phys, piece.len) ? fis_range(t, n, phys, piece.len) : 0;
    }
    for (size_t part; piece.len != 0; va += part, piece.len -= part) {
        part = PAGE_SIZE - (va & (PAGE_SIZE - 1));
        part = part < piece.len ? part : piece.len;
        phys = mapped(va);
        n = reached(p, phys, part) ? fis_range(t, n, phys, part) : 0;
        if (n == 0) {
            break;
        }
    }
    return n;
}
