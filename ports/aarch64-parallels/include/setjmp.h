// SPDX-License-Identifier: MIT
// The base of MicroPython's exceptions (MICROPY_NLR_SETJMP).  Its own for AArch64 leaves out d8-d15: a double that
// C code keeps over a call was lost when an exception was caught in there.  And with link-time optimisation the
// compiler sees both sides and has to know that it returns twice: else what a callee wrote before it raised is lost.
#ifndef PYRALLAX_SETJMP_H
#define PYRALLAX_SETJMP_H

// x19-x30, sp, the state of the bytecode interpreter or NULL, d8-d15: what a callee preserves (AAPCS64 §6.1).
typedef unsigned long jmp_buf[22];
#define JMPBUF_VM_STATE 13

int setjmp(jmp_buf buf) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf buf, int value);

// py/vm.c uses the same routine without the attribute: it keeps its state in memory anyway, and gains 3 %.  It leaves
// its code_state, so that pyframe.c finds the Python frames.
#if PYRALLAX_VM_C
int setjmp_vm(jmp_buf buf, const void *code_state);
#define setjmp(buf) setjmp_vm(buf, code_state)
#endif

#endif
