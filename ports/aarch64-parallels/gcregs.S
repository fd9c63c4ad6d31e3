// SPDX-License-Identifier: MIT
// void gc_regs(uint64_t regs[10]): the callee-saved registers x19..x28, where a caller's only pointer to an object
// may be.  In: x0 array.  Clobbers nothing.
    .text
    .global gc_regs
    .type gc_regs, %function
gc_regs:
    stp x19, x20, [x0]
    stp x21, x22, [x0, #16]
    stp x23, x24, [x0, #32]
    stp x25, x26, [x0, #48]
    stp x27, x28, [x0, #64]
    ret
