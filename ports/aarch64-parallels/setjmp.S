// SPDX-License-Identifier: MIT
// setjmp and longjmp: see include/setjmp.h.

    .text

// In: x0 jmp_buf; setjmp_vm: x1 the interpreter's state.  Out: x0 = 0.  Clobbers x1, x9.
    .global setjmp
    .global setjmp_vm
    .balign 16
setjmp:
    mov x1, #0
setjmp_vm:
    mov x9, sp
    stp x19, x20, [x0, #0]
    stp x21, x22, [x0, #16]
    stp x23, x24, [x0, #32]
    stp x25, x26, [x0, #48]
    stp x27, x28, [x0, #64]
    stp x29, x30, [x0, #80]
    stp x9, x1, [x0, #96]
    stp d8, d9, [x0, #112]
    stp d10, d11, [x0, #128]
    stp d12, d13, [x0, #144]
    stp d14, d15, [x0, #160]
    mov x0, #0
    ret

// In: x0 jmp_buf, w1 value.  Returns from that setjmp with w0 = value, or 1 for 0.
    .global longjmp
    .balign 16
longjmp:
    ldp x19, x20, [x0, #0]
    ldp x21, x22, [x0, #16]
    ldp x23, x24, [x0, #32]
    ldp x25, x26, [x0, #48]
    ldp x27, x28, [x0, #64]
    ldp x29, x30, [x0, #80]
    ldr x9, [x0, #96]
    ldp d8, d9, [x0, #112]
    ldp d10, d11, [x0, #128]
    ldp d12, d13, [x0, #144]
    ldp d14, d15, [x0, #160]
    mov sp, x9
    cmp w1, #0
    csinc w0, w1, wzr, ne
    ret
