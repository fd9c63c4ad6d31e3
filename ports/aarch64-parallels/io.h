// SPDX-License-Identifier: MIT
// Device register accessors and barriers: the only MMIO in the firmware, and the only `volatile`.
//
// Each access is one LDR/STR with a plain base register.  A compiler given a volatile pointer may use
// write-back addressing, pairs or SIMD; under an arm64 hypervisor such an access traps without a syndrome
// (ISV=0) and the VM may be killed.  TCG accepts them all, so no emulator test can catch it.
//
// Every access has an entry in the exception table: an external abort or translation fault there
// raises BusError instead of a panic (fault.c).

#ifndef PYRALLAX_IO_H
#define PYRALLAX_IO_H

#include <stdbool.h>
#include <stdint.h>

// Exception table entry: where, how many bytes of code it covers, size of the access, write.
#define IO_EXTABLE(size, write)                                                                    \
    ".pushsection .extable,\"a\"\n"                                                                \
    ".balign 4\n"                                                                                  \
    ".long 1b - .\n"                                                                               \
    ".short 4\n"                                                                                   \
    ".byte " #size ", " #write "\n"                                                                \
    ".popsection\n"

#define IO_ACCESSORS(bits, bytes, suffix, reg)                                                     \
    static inline uint##bits##_t io_read##bits(uintptr_t addr) {                                   \
        uint##bits##_t value;                                                                      \
        __asm__ volatile("1: ldr" suffix " %" reg "0, [%1]\n" IO_EXTABLE(bytes, 0)                 \
                         : "=r"(value)                                                             \
                         : "r"(addr)                                                               \
                         : "memory");                                                              \
        return value;                                                                              \
    }                                                                                              \
    static inline void io_write##bits(uintptr_t addr, uint##bits##_t value) {                      \
        __asm__ volatile("1: str" suffix " %" reg "0, [%1]\n" IO_EXTABLE(bytes, 1)                 \
                         :                                                                         \
                         : "r"(value), "r"(addr)                                                   \
                         : "memory");                                                              \
    }

IO_ACCESSORS(8, 1, "b", "w")
IO_ACCESSORS(16, 2, "h", "w")
IO_ACCESSORS(32, 4, "", "w")
IO_ACCESSORS(64, 8, "", "x")

// The access completes, and its abort if any is taken, before the function returns: for addresses that
// come from a user.  In guarded.S.
uint64_t io_guarded_read8(uintptr_t addr);
uint64_t io_guarded_read16(uintptr_t addr);
uint64_t io_guarded_read32(uintptr_t addr);
uint64_t io_guarded_read64(uintptr_t addr);
void io_guarded_write8(uintptr_t addr, uint64_t value);
void io_guarded_write16(uintptr_t addr, uint64_t value);
void io_guarded_write32(uintptr_t addr, uint64_t value);
void io_guarded_write64(uintptr_t addr, uint64_t value);

// Accesses that may find nothing: false then, before Python runs as well as after.  In guarded.S.
bool io_try_read32(uintptr_t addr, uint32_t *value);
bool io_try_read64(uintptr_t addr, uint64_t *value);
bool io_try_write32(uintptr_t addr, uint32_t value);
// Start the cycle counter; false where its registers are undefined after all.
bool io_try_pmu(void);

#define dsb_sy() __asm__ volatile("dsb sy" ::: "memory")
#define dsb_ish() __asm__ volatile("dsb ish" ::: "memory")
#define dsb_ishst() __asm__ volatile("dsb ishst" ::: "memory")
#define isb() __asm__ volatile("isb" ::: "memory")
#define wfi() __asm__ volatile("wfi" ::: "memory")

#define sysreg_read(name)                                                                          \
    ({                                                                                             \
        uint64_t v_;                                                                               \
        __asm__ volatile("mrs %0, " #name : "=r"(v_));                                             \
        v_;                                                                                        \
    })
#define sysreg_write(name, value)                                                                  \
    __asm__ volatile("msr " #name ", %0" : : "r"((uint64_t)(value)) : "memory")

// Virtual counter, not read ahead of the code before it.
static inline uint64_t cntvct(void) {
    isb();
    return sysreg_read(cntvct_el0);
}

// Mask IRQ; returns the state for irq_restore.
#ifdef PYRALLAX_HOST // tests have their own
uint64_t irq_save(void);
void irq_restore(uint64_t daif);
#else
static inline uint64_t irq_save(void) {
    uint64_t daif = sysreg_read(daif);
    __asm__ volatile("msr daifset, #2" ::: "memory");
    return daif;
}

static inline void irq_restore(uint64_t daif) {
    sysreg_write(daif, daif);
}
#endif

static inline bool irq_masked(void) {
    return (sysreg_read(daif) & 1 << 7) != 0;
}

#endif
