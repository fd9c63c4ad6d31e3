// SPDX-License-Identifier: MIT
// Entry of every CPU but the first, at its physical address.  In: x0 = smp_entry_t (smpstart.c), cleaned to memory;
// EL1 or EL2; MMU and caches off; everything else unknown (PSCI, Arm DEN 0022F §6.4).  Does not return.

    .section .text.start.smp, "ax"
    .global smp_entry
    .type smp_entry, %function
smp_entry:
    msr daifset, #0xf
    mov x19, x0
    bl to_el1
    ldp x0, x1, [x19]                   // a TTBR0 that maps this page only, TTBR1
    ldp x2, x3, [x19, #16]              // TCR, MAIR
    ldp x4, x20, [x19, #32]             // smp_high, the kernel's TTBR0
    ldp x21, x22, [x19, #48]            // exception stack, thread stack
    ldr x23, [x19, #64]                 // TPIDR_EL1
    b mmu_on

    .section .text.high, "ax"
    .global smp_high
    .type smp_high, %function
smp_high:
    msr ttbr0_el1, x20
    isb
    tlbi vmalle1                        // of this CPU: the entry page is gone from here on
    dsb nsh
    isb
    mov sp, x21                         // SP_EL1: exceptions
    msr spsel, #0
    mov sp, x22                         // SP_EL0: work
    ldr x0, =vectors
    msr vbar_el1, x0
    mov x0, #(3 << 20)                  // CPACR_EL1.FPEN: no trap
    msr cpacr_el1, x0
    msr tpidr_el1, x23
    isb
    mov x29, xzr                        // end of the frame chain
    mov x30, xzr
    bl smp_main
    b .
