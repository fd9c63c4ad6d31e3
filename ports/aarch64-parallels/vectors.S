// SPDX-License-Identifier: MIT
// Exception vectors of EL1 (Arm ARM D1.3.2).  Thread code runs on SP_EL0, exceptions on SP_EL1, so a
// thread stack that ran into its guard page still leaves a stack to report it on.
//
// Frame on SP_EL1 (exc_frame_t in fault.h): x0..x30, sp, elr, spsr, esr, far, q0..q31, fpsr, fpcr.

#define FRAME_SIZE 816
#define GUARD_SHIFT 16                  // memlayout.h GUARD_SIZE
#define OVERFLOW 0x10                   // with the slot: fault.c
#define F_X30 240
#define F_ELR 256
#define F_ESR 272
#define F_Q0 288
#define F_FPSR 800

// An exception in a handler may find too little of the exception stack left: it would fault again, for ever.  It goes
// on on a stack of its own instead, to a panic.  TPIDRRO_EL0 is scratch; nothing at EL0 relies on it.
// Slot: 0 sync, 1 irq, 2 fiq, 3 serror; group: 0 from SP_EL0, 1 from SP_EL1, 2 lower EL.
    .macro entry group, slot
    .balign 0x80
    .if \group == 1
    msr tpidrro_el0, x0
    adrp x0, __exc_stack_bottom
    sub x0, sp, x0
    sub x0, x0, #FRAME_SIZE
    add x0, x0, #(1 << (GUARD_SHIFT - 12)), lsl #12
    lsr x0, x0, #GUARD_SHIFT            // 0: the frame would reach into the guard
    cbz x0, overflow
    mrs x0, tpidrro_el0
    .endif
    sub sp, sp, #FRAME_SIZE
    stp x0, x1, [sp]
    mov x0, #(\group << 2 | \slot)
    b exception
    .endm

    .section .text.hot.vectors, "ax"
    .balign 0x800
    .global vectors
vectors:
    .irp group, 0, 1, 2, 3
    entry \group, 0
    entry \group, 1
    entry \group, 2
    entry \group, 3
    .endr

// In: x0 of the interrupted code in TPIDRRO_EL0.  The SP it had goes there.
    .type overflow, %function
overflow:
    ldr x0, =emergency_stack_top - FRAME_SIZE
    str x1, [x0, #8]
    mov x1, sp
    mov sp, x0
    mrs x0, tpidrro_el0
    str x0, [sp]
    msr tpidrro_el0, x1
    mov x0, #(OVERFLOW | 1 << 2)
    b exception

// In: x0 group and slot, x0/x1 of the interrupted code already in the frame.
    .type exception, %function
exception:
    stp x2, x3, [sp, #16]
    stp x4, x5, [sp, #32]
    stp x6, x7, [sp, #48]
    stp x8, x9, [sp, #64]
    stp x10, x11, [sp, #80]
    stp x12, x13, [sp, #96]
    stp x14, x15, [sp, #112]
    stp x16, x17, [sp, #128]
    stp x18, x19, [sp, #144]
    stp x20, x21, [sp, #160]
    stp x22, x23, [sp, #176]
    stp x24, x25, [sp, #192]
    stp x26, x27, [sp, #208]
    stp x28, x29, [sp, #224]
    mrs x1, sp_el0
    tst x0, #4                          // from SP_EL1: its value before the frame
    add x2, sp, #FRAME_SIZE
    csel x1, x1, x2, eq
    stp x30, x1, [sp, #F_X30]
    mrs x1, elr_el1
    mrs x2, spsr_el1
    stp x1, x2, [sp, #F_ELR]
    mrs x1, esr_el1
    mrs x2, far_el1
    stp x1, x2, [sp, #F_ESR]
    add x2, sp, #F_Q0
    stp q0, q1, [x2]
    stp q2, q3, [x2, #32]
    stp q4, q5, [x2, #64]
    stp q6, q7, [x2, #96]
    stp q8, q9, [x2, #128]
    stp q10, q11, [x2, #160]
    stp q12, q13, [x2, #192]
    stp q14, q15, [x2, #224]
    stp q16, q17, [x2, #256]
    stp q18, q19, [x2, #288]
    stp q20, q21, [x2, #320]
    stp q22, q23, [x2, #352]
    stp q24, q25, [x2, #384]
    stp q26, q27, [x2, #416]
    stp q28, q29, [x2, #448]
    stp q30, q31, [x2, #480]
    mrs x3, fpsr
    mrs x4, fpcr
    add x2, sp, #F_FPSR
    stp x3, x4, [x2]
    mov x1, sp
    // A call frame that names the interrupted code, for backtraces through an exception.
    ldr x30, [sp, #F_ELR]
    and x2, x0, #0xf
    cmp x2, #1
    b.eq 1f
    cmp x2, #5
    b.eq 1f
    bl exception_other
    b 2f
1:  mov x0, x1
    bl irq_dispatch
2:  add x2, sp, #F_FPSR
    ldp x3, x4, [x2]
    msr fpsr, x3
    msr fpcr, x4
    add x2, sp, #F_Q0
    ldp q0, q1, [x2]
    ldp q2, q3, [x2, #32]
    ldp q4, q5, [x2, #64]
    ldp q6, q7, [x2, #96]
    ldp q8, q9, [x2, #128]
    ldp q10, q11, [x2, #160]
    ldp q12, q13, [x2, #192]
    ldp q14, q15, [x2, #224]
    ldp q16, q17, [x2, #256]
    ldp q18, q19, [x2, #288]
    ldp q20, q21, [x2, #320]
    ldp q22, q23, [x2, #352]
    ldp q24, q25, [x2, #384]
    ldp q26, q27, [x2, #416]
    ldp q28, q29, [x2, #448]
    ldp q30, q31, [x2, #480]
    ldp x1, x2, [sp, #F_ELR]
    msr elr_el1, x1
    msr spsr_el1, x2
    ldr x30, [sp, #F_X30]
    ldp x28, x29, [sp, #224]
    ldp x26, x27, [sp, #208]
    ldp x24, x25, [sp, #192]
    ldp x22, x23, [sp, #176]
    ldp x20, x21, [sp, #160]
    ldp x18, x19, [sp, #144]
    ldp x16, x17, [sp, #128]
    ldp x14, x15, [sp, #112]
    ldp x12, x13, [sp, #96]
    ldp x10, x11, [sp, #80]
    ldp x8, x9, [sp, #64]
    ldp x6, x7, [sp, #48]
    ldp x4, x5, [sp, #32]
    ldp x2, x3, [sp, #16]
    ldp x0, x1, [sp]
    add sp, sp, #FRAME_SIZE
    isb                                 // before every eret: see style.md
    eret

    .section .bss.emergency_stack, "aw", %nobits
    .balign 16
    .global emergency_stack_bottom, emergency_stack_top
emergency_stack_bottom:
    .space 16 * 1024
emergency_stack_top:
