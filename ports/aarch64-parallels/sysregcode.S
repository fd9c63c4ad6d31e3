// SPDX-License-Identifier: MIT
// System registers by number.  MRS and MSR have the register in the instruction, and code is not writable: so here is
// an instruction for each.  One that the CPU does not have raises; the exception table makes that a false
// (EXTABLE_TRY in fault.c, which returns to x30 with x0 = 0).
//
// bool sysreg_try_read(x0 index of the pair of instructions, x1 uint64_t *value).  Clobbers x2, x3.
// bool sysreg_try_write(x0 index, x1 value).  Clobbers x2.  An isb follows the write.
// sysregs.c knows the order.

    .macro table name
    .pushsection .extable, "a"
    .balign 4
    .long \name\()_start - .
    .short \name\()_end - \name\()_start
    .byte 8, 2                          // EXTABLE_TRY
    .popsection
    .endm

    .macro pair op0, op1, crn, crm, op2
    mrs x2, S\op0\()_\op1\()_C\crn\()_C\crm\()_\op2
    b read_done
    .endm

// All registers of an op0, op1, CRn and some CRm: eight pairs each.
    .macro pairs op0, op1, crn, crms:vararg
    .irp crm, \crms
    .irp op2, 0,1,2,3,4,5,6,7
    pair \op0, \op1, \crn, \crm, \op2
    .endr
    .endr
    .endm

    .section .text.sysregs, "ax"
    .global sysreg_try_read
    .type sysreg_try_read, %function
sysreg_try_read:
    adr x3, reads_start
    add x3, x3, x0, lsl #3
    br x3
read_done:
    str x2, [x1]
    mov w0, #1
    ret

    table reads
reads_start:
    pairs 3, 0, 0, 0,1,2,3,4,5,6,7
    pairs 3, 0, 1, 0,1,2,3,4
    pairs 3, 0, 2, 0,1,2,3,4,5
    pairs 3, 0, 4, 0,1,2,3,4,5,6
    pairs 3, 0, 5, 0,1,2,3,4,5,6
    pairs 3, 0, 6, 0
    pairs 3, 0, 7, 4
    pairs 3, 0, 9, 9,10,11,12,13,14
    pairs 3, 0, 10, 1,2,3,4,5
    pairs 3, 0, 12, 0,1
    pairs 3, 0, 12, 8,9,10,11,12,13
    pairs 3, 0, 13, 0
    pairs 3, 0, 14, 1
    pairs 3, 3, 0, 0
    pairs 3, 3, 2, 4,5
    pairs 3, 3, 4, 2,3,4,5
    pairs 3, 3, 9, 12,13,14
    pairs 3, 3, 13, 0,1,2,3,4,5,6,7
    pairs 3, 3, 14, 0,1,2,3
    pairs 3, 3, 14, 8,9,10,11,12,13,14,15
    pairs 3, 1, 0, 0
    pairs 3, 2, 0, 0
    pairs 2, 0, 0, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    pairs 2, 0, 1, 0,1,2,3,4
    pairs 2, 0, 7, 8,9,10,11,12,13,14
    pairs 2, 3, 0, 1
reads_end:

    .macro writes op0, op1, crn, crm, op2
    msr S\op0\()_\op1\()_C\crn\()_C\crm\()_\op2, x1
    b write_done
    .pushsection .rodata.sysreg_writes, "a"
    .hword \op0 << 14 | \op1 << 11 | \crn << 7 | \crm << 3 | \op2
    .popsection
    .endm

    .pushsection .rodata.sysreg_writes, "a"
    .balign 2
    .global sysreg_writes
sysreg_writes:
    .popsection

    .global sysreg_try_write
    .type sysreg_try_write, %function
sysreg_try_write:
    adr x2, writes_start
    add x2, x2, x0, lsl #3
    br x2
write_done:
    isb                                 // the write before whatever depends on it
    mov w0, #1
    ret

// What probe/maps/sysregs.py has as writable; tests/unit/test_sysregs.py compares.
    table writes
writes_start:
    writes 3, 2, 0, 0, 0 // CSSELR_EL1
    writes 3, 0, 1, 0, 0 // SCTLR_EL1
    writes 3, 0, 1, 0, 1 // ACTLR_EL1
    writes 3, 0, 1, 0, 2 // CPACR_EL1
    writes 3, 0, 2, 0, 0 // TTBR0_EL1
    writes 3, 0, 2, 0, 1 // TTBR1_EL1
    writes 3, 0, 2, 0, 2 // TCR_EL1
    writes 3, 0, 4, 0, 0 // SPSR_EL1
    writes 3, 0, 4, 0, 1 // ELR_EL1
    writes 3, 0, 4, 6, 0 // ICC_PMR_EL1
    writes 3, 0, 5, 1, 0 // AFSR0_EL1
    writes 3, 0, 5, 1, 1 // AFSR1_EL1
    writes 3, 0, 5, 2, 0 // ESR_EL1
    writes 3, 0, 6, 0, 0 // FAR_EL1
    writes 3, 0, 7, 4, 0 // PAR_EL1
    writes 3, 0, 9, 14, 1 // PMINTENSET_EL1
    writes 3, 0, 9, 14, 2 // PMINTENCLR_EL1
    writes 3, 0, 10, 2, 0 // MAIR_EL1
    writes 3, 0, 10, 3, 0 // AMAIR_EL1
    writes 3, 0, 12, 0, 0 // VBAR_EL1
    writes 3, 0, 12, 1, 1 // DISR_EL1
    writes 3, 0, 12, 8, 1 // ICC_EOIR0_EL1
    writes 3, 0, 12, 8, 3 // ICC_BPR0_EL1
    writes 3, 0, 12, 11, 1 // ICC_DIR_EL1
    writes 3, 0, 12, 11, 5 // ICC_SGI1R_EL1
    writes 3, 0, 12, 12, 1 // ICC_EOIR1_EL1
    writes 3, 0, 12, 12, 3 // ICC_BPR1_EL1
    writes 3, 0, 12, 12, 4 // ICC_CTLR_EL1
    writes 3, 0, 12, 12, 5 // ICC_SRE_EL1
    writes 3, 0, 12, 12, 6 // ICC_IGRPEN0_EL1
    writes 3, 0, 12, 12, 7 // ICC_IGRPEN1_EL1
    writes 3, 0, 13, 0, 1 // CONTEXTIDR_EL1
    writes 3, 0, 13, 0, 4 // TPIDR_EL1
    writes 3, 0, 13, 0, 7 // SCXTNUM_EL1
    writes 3, 3, 13, 0, 2 // TPIDR_EL0
    writes 3, 3, 13, 0, 3 // TPIDRRO_EL0
    writes 3, 3, 13, 0, 7 // SCXTNUM_EL0
    writes 3, 0, 14, 1, 0 // CNTKCTL_EL1
    writes 3, 3, 14, 2, 0 // CNTP_TVAL_EL0
    writes 3, 3, 14, 2, 1 // CNTP_CTL_EL0
    writes 3, 3, 14, 2, 2 // CNTP_CVAL_EL0
    writes 3, 3, 14, 3, 0 // CNTV_TVAL_EL0
    writes 3, 3, 14, 3, 1 // CNTV_CTL_EL0
    writes 3, 3, 14, 3, 2 // CNTV_CVAL_EL0
    writes 3, 3, 9, 12, 0 // PMCR_EL0
    writes 3, 3, 9, 12, 1 // PMCNTENSET_EL0
    writes 3, 3, 9, 12, 2 // PMCNTENCLR_EL0
    writes 3, 3, 9, 12, 3 // PMOVSCLR_EL0
    writes 3, 3, 9, 12, 4 // PMSWINC_EL0
    writes 3, 3, 9, 12, 5 // PMSELR_EL0
    writes 3, 3, 9, 13, 0 // PMCCNTR_EL0
    writes 3, 3, 9, 13, 1 // PMXEVTYPER_EL0
    writes 3, 3, 9, 13, 2 // PMXEVCNTR_EL0
    writes 3, 3, 9, 14, 0 // PMUSERENR_EL0
    writes 3, 3, 9, 14, 3 // PMOVSSET_EL0
    writes 3, 3, 14, 8, 0 // PMEVCNTR0_EL0
    writes 3, 3, 14, 8, 1 // PMEVCNTR1_EL0
    writes 3, 3, 14, 8, 2 // PMEVCNTR2_EL0
    writes 3, 3, 14, 8, 3 // PMEVCNTR3_EL0
    writes 3, 3, 14, 8, 4 // PMEVCNTR4_EL0
    writes 3, 3, 14, 8, 5 // PMEVCNTR5_EL0
    writes 3, 3, 14, 12, 0 // PMEVTYPER0_EL0
    writes 3, 3, 14, 12, 1 // PMEVTYPER1_EL0
    writes 3, 3, 14, 12, 2 // PMEVTYPER2_EL0
    writes 3, 3, 14, 12, 3 // PMEVTYPER3_EL0
    writes 3, 3, 14, 12, 4 // PMEVTYPER4_EL0
    writes 3, 3, 14, 12, 5 // PMEVTYPER5_EL0
    writes 3, 3, 14, 15, 7 // PMCCFILTR_EL0
    writes 2, 0, 0, 2, 2 // MDSCR_EL1
    writes 2, 0, 1, 0, 4 // OSLAR_EL1
    writes 2, 0, 1, 3, 4 // OSDLR_EL1
writes_end:
    .pushsection .rodata.sysreg_writes, "a"
    .hword 0
    .popsection
