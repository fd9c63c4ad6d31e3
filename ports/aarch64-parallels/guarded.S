// SPDX-License-Identifier: MIT
// Accessors for addresses that a user typed: uint64_t io_guarded_readN(addr), void io_guarded_writeN(addr, value).
// In: x0 address, x1 value.  Out: x0.  Clobbers nothing else.  The barriers hold the abort, synchronous or
// SError, inside the range that the exception table covers (Arm ARM D1.13: an SError caused by an access
// that a DSB completed is pending at the latest then; ISB takes it).  fault.c reads x0 from the frame when
// FAR_EL1 is not valid, so x0 stays untouched until the access is done.

    .macro guarded name, bytes, write, insn:vararg
    .global \name
    .type \name, %function
    .balign 16
\name:
1:  \insn
    dsb sy
    isb
2:
    .if \write == 0
    mov x0, x2
    .endif
    ret
    .size \name, . - \name
    .pushsection .extable, "a"
    .balign 4
    .long 1b - .
    .short 2b - 1b + 4
    .byte \bytes, \write
    .popsection
    .endm

    .section .text.guarded, "ax"
    guarded io_guarded_read8, 1, 0, ldrb w2, [x0]
    guarded io_guarded_read16, 2, 0, ldrh w2, [x0]
    guarded io_guarded_read32, 4, 0, ldr w2, [x0]
    guarded io_guarded_read64, 8, 0, ldr x2, [x0]
    guarded io_guarded_write8, 1, 1, strb w1, [x0]
    guarded io_guarded_write16, 2, 1, strh w1, [x0]
    guarded io_guarded_write32, 4, 1, str w1, [x0]
    guarded io_guarded_write64, 8, 1, str x1, [x0]

// Accesses that may find nothing: false instead of an exception, also before Python runs.  fault.c returns to x30
// with x0 = 0, so each of these is a leaf that keeps x30.
    .macro try name, bytes
    .global \name
    .type \name, %function
    .balign 16
\name:
    .pushsection .extable, "a"
    .balign 4
    .long 1f - .
    .short 2f - 1f
    .byte \bytes, 2                     // 2: EXTABLE_TRY
    .popsection
    .endm

// bool io_try_read32(x0 address, x1 uint32_t *value)
    try io_try_read32, 4
1:  ldr w2, [x0]
    dsb sy
    isb
2:  str w2, [x1]
    mov w0, #1
    ret

// bool io_try_read64(x0 address, x1 uint64_t *value)
    try io_try_read64, 8
1:  ldr x2, [x0]
    dsb sy
    isb
2:  str x2, [x1]
    mov w0, #1
    ret

// bool io_try_write32(x0 address, x1 value)
    try io_try_write32, 4
1:  str w1, [x0]
    dsb sy
    isb
2:  mov w0, #1
    ret

// bool io_try_pmu(void): start the cycle counter (Arm ARM D13.1), 64 bits, all of EL1.  Clobbers x1.
    try io_try_pmu, 8
1:  mrs x1, pmcr_el0
    orr x1, x1, #1                      // E
    orr x1, x1, #(1 << 6)               // LC
    msr pmcr_el0, x1
    msr pmccfiltr_el0, xzr
    mov x1, #(1 << 31)
    msr pmcntenset_el0, x1
    isb
    mrs x1, pmccntr_el0
2:  mov w0, #1
    ret
