// SPDX-License-Identifier: MIT
// void stack_switch(void *exception, void *thread, void (*run)(void)): leave all frames behind.  Does not return.
// In: x0 SP_EL1, x1 SP_EL0, x2 what runs on SP_EL0.
    .text
    .global stack_switch
    .type stack_switch, %function
stack_switch:
    msr spsel, #1
    mov sp, x0
    msr spsel, #0
    mov sp, x1
    mov x29, xzr                        // end of the frame chain
    mov x30, xzr
    br x2
