// SPDX-License-Identifier: MIT
// memcpy, memmove, memset, memcmp for Normal memory.  No callee-saved register touched; x0 returned.
// Never for device memory: NEON and pairs (io.h has the accessors for that).

    .macro func name
    .text
    .balign 64
    .global \name
    .type \name, %function
\name:
    .endm

// void *memcpy(x0 to, x1 from, x2 len).  Clobbers x3-x9, q0-q7.  Overlap is fine (it is memmove as well).
    func memmove
    func memcpy
    add x4, x1, x2                      // ends
    add x5, x0, x2
    cmp x2, #16
    b.lo .Lcpy_small
    cmp x2, #32
    b.hi 1f
    ldr q0, [x1]                        // 16..32: two that may overlap
    ldr q1, [x4, #-16]
    str q0, [x0]
    str q1, [x5, #-16]
    ret
1:  cmp x2, #128
    b.hi .Lcpy_large
    ldp q0, q1, [x1]                    // 33..128
    ldp q2, q3, [x4, #-32]
    cmp x2, #64
    b.ls 2f
    ldp q4, q5, [x1, #32]
    ldp q6, q7, [x4, #-64]
    stp q4, q5, [x0, #32]
    stp q6, q7, [x5, #-64]
2:  stp q0, q1, [x0]
    stp q2, q3, [x5, #-32]
    ret
.Lcpy_small:
    tbz x2, #3, 3f
    ldr x6, [x1]
    ldr x7, [x4, #-8]
    str x6, [x0]
    str x7, [x5, #-8]
    ret
3:  tbz x2, #2, 4f
    ldr w6, [x1]
    ldr w7, [x4, #-4]
    str w6, [x0]
    str w7, [x5, #-4]
    ret
4:  cbz x2, 5f
    lsr x8, x2, #1
    ldrb w6, [x1]
    ldrb w7, [x4, #-1]
    ldrb w9, [x1, x8]
    strb w6, [x0]
    strb w9, [x0, x8]
    strb w7, [x5, #-1]
5:  ret
.Lcpy_large:
    sub x6, x0, x1
    cmp x6, x2                          // to inside [from, from + len): copy downwards
    b.lo .Lcpy_down
    ldp q0, q1, [x4, #-64]              // the tail first, kept in registers
    ldp q2, q3, [x4, #-32]
    mov x3, x0
    sub x2, x2, #64
6:  ldp q4, q5, [x1], #32
    ldp q6, q7, [x1], #32
    stp q4, q5, [x3], #32
    stp q6, q7, [x3], #32
    subs x2, x2, #64
    b.hi 6b
    stp q0, q1, [x5, #-64]
    stp q2, q3, [x5, #-32]
    ret
.Lcpy_down:
    cbz x6, 8f                          // same place
    ldp q0, q1, [x1]
    ldp q2, q3, [x1, #32]
    mov x3, x5
    sub x2, x2, #64
7:  ldp q4, q5, [x4, #-32]!
    ldp q6, q7, [x4, #-32]!
    stp q4, q5, [x3, #-32]!
    stp q6, q7, [x3, #-32]!
    subs x2, x2, #64
    b.hi 7b
    stp q0, q1, [x0]
    stp q2, q3, [x0, #32]
8:  ret

// void *memset(x0 to, w1 byte, x2 len).  Clobbers x3-x6, q0.
    func memset
    dup v0.16b, w1
    add x4, x0, x2
    cmp x2, #16
    b.lo .Lset_small
    cmp x2, #64
    b.hi .Lset_large
    str q0, [x0]                        // 16..64
    str q0, [x4, #-16]
    cmp x2, #32
    b.ls 1f
    str q0, [x0, #16]
    str q0, [x4, #-32]
1:  ret
.Lset_small:
    fmov x5, d0
    tbz x2, #3, 2f
    str x5, [x0]
    str x5, [x4, #-8]
    ret
2:  tbz x2, #2, 3f
    str w5, [x0]
    str w5, [x4, #-4]
    ret
3:  cbz x2, 4f
    lsr x3, x2, #1
    strb w5, [x0]
    strb w5, [x0, x3]
    strb w5, [x4, #-1]
4:  ret
.Lset_large:
    stp q0, q0, [x0]                    // head, then whole 64-byte lines, then tail
    stp q0, q0, [x0, #32]
    add x3, x0, #64
    and x3, x3, #~63
    tst w1, #0xff
    b.ne 6f
    cmp x2, #512
    b.lo 6f
    mrs x5, dczid_el0
    cmp x5, #4                          // zeroing allowed, 64-byte blocks
    b.ne 6f
    sub x6, x4, #64
5:  cmp x3, x6
    b.hi 7f
    dc zva, x3
    add x3, x3, #64
    b 5b
6:  sub x6, x4, #64
8:  cmp x3, x6
    b.hi 7f
    stp q0, q0, [x3]
    stp q0, q0, [x3, #32]
    add x3, x3, #64
    b 8b
7:  stp q0, q0, [x4, #-64]
    stp q0, q0, [x4, #-32]
    ret

// int memcmp(x0 a, x1 b, x2 len).  Clobbers x2-x5.
    func memcmp
    mov x5, x0
1:  subs x2, x2, #8
    b.lo 2f
    ldr x3, [x5], #8
    ldr x4, [x1], #8
    cmp x3, x4
    b.eq 1b
    rev x3, x3                          // first byte decides
    rev x4, x4
    cmp x3, x4
    b 4f
2:  adds x2, x2, #8
    b.eq 5f
3:  ldrb w3, [x5], #1
    ldrb w4, [x1], #1
    cmp w3, w4
    b.ne 4f
    subs x2, x2, #1
    b.ne 3b
5:  mov w0, #0
    ret
4:  mov w0, #1
    cneg w0, w0, lo
    ret
