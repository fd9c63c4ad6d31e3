// SPDX-License-Identifier: MIT
// Entry, at the image's physical address.  In: x0 = hw_config_t *, device tree, or 0 (hwconfig.h has the contract);
// EL1 or EL2; MMU off, or on with an identity map.  Does not return.
// This page is mapped at its physical address too until kernel_main removes it.

#define HW_MAGIC 0x58525950
#define HW_TTBR0 24
#define HW_TCR 40
#define EARLY_STACK 0x10000 // of the thread stack, for early_main()

// SCTLR_EL1 (Arm ARM D17.2.118): RES1 bits of Armv8.0; M, C, I; SA; WXN
#define SCTLR_OFF 0x30d00800
#define SCTLR_ON (SCTLR_OFF | 1 | (1 << 2) | (1 << 12) | (1 << 3) | (1 << 19))

    .section .text.start, "ax"
    .global _start
    .type _start, %function
_start:
    msr daifset, #0xf
    mov x19, x0
    mrs x0, CurrentEL
    lsr x20, x0, #2             // x20: exception level at entry
    bl to_el1
    cbz x19, find_hardware
    tst x19, #7
    b.ne find_hardware
    ldr w0, [x19]
    ldr w1, =HW_MAGIC
    mov x21, x19                        // x21: the hand-off once the MMU is on; RAM is mapped VA == PA
    cmp w0, w1
    b.eq have_hardware

// Nobody prepared a hand-off: clear .bss, then read the device tree and build the tables here, at
// physical addresses, MMU off (every access aligned: early.c is built with -mstrict-align).
find_hardware:
    adrp x0, __thread_stack_bottom
    add x0, x0, #EARLY_STACK            // not the top: it may be where a small machine's RAM has ended
    mov sp, x0
    adrp x0, __bss_start
    add x0, x0, :lo12:__bss_start
    adrp x1, __bss_end
    add x1, x1, :lo12:__bss_end
1:  cmp x0, x1
    b.hs 2f
    stp xzr, xzr, [x0], #16
    b 1b
2:  mov x0, x19
    mov x1, x20
    bl early_main
    mov x19, x0
    ldr x21, =early_hw                  // part of the image, which is not

have_hardware:
    ldp x0, x1, [x19, #HW_TTBR0]
    ldp x2, x3, [x19, #HW_TCR]
    ldr x4, =start_high
    b mmu_on

// To EL1 on SP_EL1, MMU and caches off: we run at VA == PA either way.  In: x30 where to go on, at its physical
// address; EL1 or EL2.  Clobbers x0-x2.  Every CPU comes through here.
    .global to_el1
    .type to_el1, %function
to_el1:
    mrs x0, CurrentEL
    cmp x0, #(2 << 2)
    b.ne at_el1

// EL2 → EL1 (Arm ARM D1.3): nothing trapped, no stage 2, counters and interrupts direct.  What a warm reset or the
// firmware may have left is written whole, not ORed into.
    mrs x0, sctlr_el2
    mov x1, #(1 << 12 | 1 << 2 | 1)     // I, C, M
    bic x0, x0, x1
    msr sctlr_el2, x0
    isb
    mov x0, #(1 << 31)                  // HCR_EL2.RW: EL1 is AArch64
    movk x0, #0x300, lsl #32            // API, APK: pointer authentication is EL1's own
    msr hcr_el2, x0
    isb
    mrs x0, hcr_el2
    tbnz x0, #34, vhe                   // E2H is RES1 (FEAT_E2H0 absent) or reads as one on Apple's CPUs
    mov x0, #3                          // EL1PCTEN, EL1PCEN
    msr cnthctl_el2, x0
    mov x0, #0x33ff                     // CPTR_EL2 RES1 with TZ and TSM: FP not trapped, SVE and SME are not used
    msr cptr_el2, x0
    ldr w0, =SCTLR_OFF
    msr sctlr_el1, x0
    b 1f
vhe:
    mov x0, #(3 << 10)                  // CNTHCTL_EL2 as CNTKCTL_EL1: EL1PCTEN, EL1PTEN
    msr cnthctl_el2, x0
    mov x0, #(3 << 20)                  // CPTR_EL2 as CPACR_EL1: FPEN
    msr cptr_el2, x0
    ldr w0, =SCTLR_OFF
    msr S3_5_C1_C0_0, x0                // SCTLR_EL12: the name SCTLR_EL1 means SCTLR_EL2 here
1:  msr cntvoff_el2, xzr
    msr hstr_el2, xzr
    msr vttbr_el2, xzr
    mrs x0, midr_el1
    msr vpidr_el2, x0
    mrs x0, mpidr_el1
    msr vmpidr_el2, x0
    mrs x0, id_aa64mmfr1_el1
    ubfx x0, x0, #40, #4                // HCX
    cbz x0, 1f
    msr S3_4_C1_C2_2, xzr               // HCRX_EL2
1:  mrs x0, id_aa64mmfr0_el1
    ubfx x0, x0, #56, #4                // FGT: its registers are UNKNOWN after reset
    cbz x0, 1f
    msr S3_4_C1_C1_4, xzr               // HFGRTR_EL2
    msr S3_4_C1_C1_5, xzr               // HFGWTR_EL2
    msr S3_4_C1_C1_6, xzr               // HFGITR_EL2
    msr S3_4_C3_C1_4, xzr               // HDFGRTR_EL2
    msr S3_4_C3_C1_5, xzr               // HDFGWTR_EL2
1:  mov x2, xzr
    mrs x0, id_aa64dfr0_el1
    ubfx x0, x0, #8, #4                 // PMUVer
    sub x1, x0, #1
    cmp x1, #0xe
    b.hs 1f                             // 0 or 0xf: no architected PMU
    mrs x0, pmcr_el0
    ubfx x2, x0, #11, #5                // MDCR_EL2.HPMN = PMCR_EL0.N: all counters to EL1
1:  msr mdcr_el2, x2
    mrs x0, id_aa64pfr0_el1
    ubfx x0, x0, #24, #4                // GIC system registers
    cbz x0, 2f
    mrs x0, S3_4_C12_C9_5               // ICC_SRE_EL2
    mov x1, #9                          // Enable, SRE
    orr x0, x0, x1
    msr S3_4_C12_C9_5, x0
    isb
    mrs x0, S3_4_C12_C9_5
    tbz x0, #0, 2f                      // EL3 keeps the memory-mapped interface: ICH_HCR_EL2 is undefined
    msr S3_4_C12_C11_0, xzr             // ICH_HCR_EL2
2:
    mov x0, #0x3c5                      // EL1h, DAIF masked
    msr spsr_el2, x0
    adr x0, at_el1
    msr elr_el2, x0
    isb
    eret

at_el1:
    msr spsel, #1
    ldr w0, =SCTLR_OFF
    msr sctlr_el1, x0
    isb
    ret

// In: x0 TTBR0, x1 TTBR1, x2 TCR, x3 MAIR, x4 where to go on.  TTBR0 maps this page VA == PA.  Clobbers x5.
    .global mmu_on
    .type mmu_on, %function
mmu_on:
    msr ttbr0_el1, x0
    msr ttbr1_el1, x1
    msr tcr_el1, x2
    msr mair_el1, x3
    isb
    tlbi vmalle1
    ic iallu
    dsb nsh
    isb
    ldr w5, =SCTLR_ON
    msr sctlr_el1, x5
    isb
    br x4

    .section .text.high, "ax"
    .type start_high, %function
start_high:
    ldr x0, =__exc_stack_top            // SP_EL1: exceptions
    mov sp, x0
    msr spsel, #0                       // SP_EL0: everything else
    ldr x0, =__thread_stack_top
    mov sp, x0
    ldr x0, =vectors
    msr vbar_el1, x0
    mov x0, #(3 << 20)                  // CPACR_EL1.FPEN: no trap
    msr cpacr_el1, x0
    msr tpidr_el1, xzr                  // the boot CPU: smp.h
    isb
    mov x29, xzr                        // end of the frame chain
    mov x30, xzr
    mov x0, x21
    mov x1, x20
    bl kernel_main
    b .

    .section .thread_stack, "aw", %nobits
    .space 512 * 1024
    .section .exc_stack, "aw", %nobits
    .space 32 * 1024
