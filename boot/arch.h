// SPDX-License-Identifier: MIT
// AArch64 instructions the shim needs, and its only device accesses: one LDR or STR each (see io.h of the
// port for why).  The port's io.h is not used here: its accessors carry an exception table.

#ifndef PYRALLAX_BOOT_ARCH_H
#define PYRALLAX_BOOT_ARCH_H

#include <stdint.h>

static inline uint32_t mmio_read32(uint64_t addr) {
    uint32_t v;
    __asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(addr) : "memory");
    return v;
}

static inline void mmio_write32(uint64_t addr, uint32_t v) {
    __asm__ volatile("str %w0, [%1]" : : "r"(v), "r"(addr) : "memory");
}

#define SYSREG(name)                                                                               \
    ({                                                                                             \
        uint64_t v_;                                                                               \
        __asm__ volatile("mrs %0, " #name : "=r"(v_));                                             \
        v_;                                                                                        \
    })

static inline uint64_t arch_counter(void) {
    __asm__ volatile("isb" : : : "memory"); // the count is not taken ahead of the code before it
    return SYSREG(cntvct_el0);
}

static inline uint32_t arch_el(void) {
    return (uint32_t)(SYSREG(CurrentEL) >> 2) & 3;
}

// ID_AA64MMFR0_EL1.PARange as bits (Arm ARM D17.2.64).
static inline unsigned arch_pa_bits(void) {
    static const uint8_t bits[] = {32, 36, 40, 42, 44, 48};
    unsigned range = SYSREG(id_aa64mmfr0_el1) & 15;
    return range < sizeof(bits) ? bits[range] : 48;
}

// Clean and invalidate to the point of coherency: the firmware reads it with the caches off.
static inline void arch_clean(uint64_t base, uint64_t size) {
    uint64_t line = 4ull << ((SYSREG(ctr_el0) >> 16) & 15); // CTR_EL0.DminLine
    for (uint64_t a = base & ~(line - 1); a < base + size; a += line) {
        __asm__ volatile("dc civac, %0" : : "r"(a) : "memory");
    }
}

// Whether the firmware's own tables map addr cacheable (PAR_EL1 after AT, Arm ARM D8.11: ATTR as in MAIR_ELx, 0x0n
// device, 0x44 non-cacheable).
static inline int arch_is_cached(uint64_t addr) {
    if (arch_el() == 2) {
        __asm__ volatile("at s1e2r, %0\n\tisb" : : "r"(addr) : "memory");
    } else {
        __asm__ volatile("at s1e1r, %0\n\tisb" : : "r"(addr) : "memory");
    }
    uint64_t par = SYSREG(par_el1), attr = par >> 56;
    return (par & 1) == 0 && attr >> 4 != 0 && attr != 0x44;
}

// Orders the cleaning before every later instruction fetch and load, on the next MMU regime too.
static inline void arch_sync(void) {
    __asm__ volatile("dsb sy\n\tic iallu\n\tdsb sy\n\tisb" : : : "memory");
}

static inline void arch_mask_interrupts(void) {
    __asm__ volatile("msr daifset, #0xf" : : : "memory");
}

// MMU and data cache off first: some firmware maps what it allocates as not executable.  The code here and at
// entry must be clean to the point of coherency.  In: x0.  x1-x3 are 0 at entry.
static inline _Noreturn void arch_jump(uint64_t entry, uint64_t x0) {
    register uint64_t arg __asm__("x0") = x0;
    __asm__ volatile("mov x3, #5\n\t" // SCTLR_ELx.M, C (Arm ARM D17.2.118)
                     "cmp %w2, #2\n\t"
                     "b.eq 1f\n\t"
                     "mrs x2, sctlr_el1\n\t"
                     "bic x2, x2, x3\n\t"
                     "msr sctlr_el1, x2\n\t"
                     "b 2f\n"
                     "1:\tmrs x2, sctlr_el2\n\t"
                     "bic x2, x2, x3\n\t"
                     "msr sctlr_el2, x2\n"
                     "2:\tisb\n\t"
                     "mov x1, xzr\n\t"
                     "mov x2, xzr\n\t"
                     "mov x3, xzr\n\t"
                     "br %0"
                     :
                     : "r"(entry), "r"(arg), "r"(arch_el())
                     : "x1", "x2", "x3", "cc", "memory");
    __builtin_unreachable();
}

static inline _Noreturn void arch_halt(void) {
    for (;;) {
        __asm__ volatile("wfi" : : : "memory");
    }
}

// PSCI SYSTEM_RESET (DEN0022 §5.1.13) by the conduit that the FADT named.
static inline void arch_psci_reset_hvc(void) {
    register uint64_t f __asm__("x0") = 0x84000009;
    __asm__ volatile("hvc #0" : "+r"(f) : : "x1", "x2", "x3", "memory");
}

static inline void arch_psci_reset_smc(void) {
    register uint64_t f __asm__("x0") = 0x84000009;
    __asm__ volatile("smc #0" : "+r"(f) : : "x1", "x2", "x3", "memory");
}

#endif
