"""System registers by name, `sysreg.MIDR_EL1`: docs/reference/sysreg.md."""

from typing import Any, TypeAlias

from probe.sysreg import Value

def read(op0: int, op1: int, CRn: int, CRm: int, op2: int, /) -> int:
    """By number.  Raises AttributeError."""

def poke(op0: int, op1: int, CRn: int, CRm: int, op2: int, value: int, /) -> None:
    """Write by number, without a check of the value.  Raises AttributeError."""

def write(name: str, value: int, force: bool = False) -> None:
    """All 64 bits.  Raises AttributeError, ValueError, OSError(EPERM)."""

def dump(match: str = "") -> None:
    """Print all that this CPU has, or those with a text in their names."""

def names() -> list[str]:
    """All names, whether or not the CPU has the register."""

def caches() -> list[tuple[int, str, int, int, int, int]]:
    """[(level, kind, size, ways, sets, line), …]"""

_Register: TypeAlias = Value | Any  # an int can be assigned

MIDR_EL1: _Register
MPIDR_EL1: _Register
REVIDR_EL1: _Register
ID_PFR0_EL1: _Register
ID_PFR1_EL1: _Register
ID_DFR0_EL1: _Register
ID_AFR0_EL1: _Register
ID_MMFR0_EL1: _Register
ID_MMFR1_EL1: _Register
ID_MMFR2_EL1: _Register
ID_MMFR3_EL1: _Register
ID_ISAR0_EL1: _Register
ID_ISAR1_EL1: _Register
ID_ISAR2_EL1: _Register
ID_ISAR3_EL1: _Register
ID_ISAR4_EL1: _Register
ID_ISAR5_EL1: _Register
ID_MMFR4_EL1: _Register
ID_ISAR6_EL1: _Register
MVFR0_EL1: _Register
MVFR1_EL1: _Register
MVFR2_EL1: _Register
ID_PFR2_EL1: _Register
ID_DFR1_EL1: _Register
ID_MMFR5_EL1: _Register
ID_AA64PFR0_EL1: _Register
ID_AA64PFR1_EL1: _Register
ID_AA64PFR2_EL1: _Register
ID_AA64ZFR0_EL1: _Register
ID_AA64SMFR0_EL1: _Register
ID_AA64DFR0_EL1: _Register
ID_AA64DFR1_EL1: _Register
ID_AA64AFR0_EL1: _Register
ID_AA64AFR1_EL1: _Register
ID_AA64ISAR0_EL1: _Register
ID_AA64ISAR1_EL1: _Register
ID_AA64ISAR2_EL1: _Register
ID_AA64ISAR3_EL1: _Register
ID_AA64MMFR0_EL1: _Register
ID_AA64MMFR1_EL1: _Register
ID_AA64MMFR2_EL1: _Register
ID_AA64MMFR3_EL1: _Register
ID_AA64MMFR4_EL1: _Register
CCSIDR_EL1: _Register
CLIDR_EL1: _Register
CCSIDR2_EL1: _Register
GMID_EL1: _Register
SMIDR_EL1: _Register
AIDR_EL1: _Register
CSSELR_EL1: _Register
CTR_EL0: _Register
DCZID_EL0: _Register
SCTLR_EL1: _Register
ACTLR_EL1: _Register
CPACR_EL1: _Register
ZCR_EL1: _Register
TTBR0_EL1: _Register
TTBR1_EL1: _Register
TCR_EL1: _Register
SPSR_EL1: _Register
ELR_EL1: _Register
SPSel: _Register
CurrentEL: _Register
PAN: _Register
UAO: _Register
ICC_PMR_EL1: _Register
AFSR0_EL1: _Register
AFSR1_EL1: _Register
ESR_EL1: _Register
ERRIDR_EL1: _Register
FAR_EL1: _Register
PAR_EL1: _Register
PMINTENSET_EL1: _Register
PMINTENCLR_EL1: _Register
PMMIR_EL1: _Register
MAIR_EL1: _Register
AMAIR_EL1: _Register
LORID_EL1: _Register
VBAR_EL1: _Register
RVBAR_EL1: _Register
ISR_EL1: _Register
DISR_EL1: _Register
ICC_IAR0_EL1: _Register
ICC_EOIR0_EL1: _Register
ICC_HPPIR0_EL1: _Register
ICC_BPR0_EL1: _Register
ICC_AP0R0_EL1: _Register
ICC_AP0R1_EL1: _Register
ICC_AP0R2_EL1: _Register
ICC_AP0R3_EL1: _Register
ICC_AP1R0_EL1: _Register
ICC_AP1R1_EL1: _Register
ICC_AP1R2_EL1: _Register
ICC_AP1R3_EL1: _Register
ICC_DIR_EL1: _Register
ICC_RPR_EL1: _Register
ICC_SGI1R_EL1: _Register
ICC_IAR1_EL1: _Register
ICC_EOIR1_EL1: _Register
ICC_HPPIR1_EL1: _Register
ICC_BPR1_EL1: _Register
ICC_CTLR_EL1: _Register
ICC_SRE_EL1: _Register
ICC_IGRPEN0_EL1: _Register
ICC_IGRPEN1_EL1: _Register
CONTEXTIDR_EL1: _Register
TPIDR_EL1: _Register
SCXTNUM_EL1: _Register
TPIDR_EL0: _Register
TPIDRRO_EL0: _Register
SCXTNUM_EL0: _Register
CNTKCTL_EL1: _Register
CNTFRQ_EL0: _Register
CNTPCT_EL0: _Register
CNTVCT_EL0: _Register
CNTPCTSS_EL0: _Register
CNTVCTSS_EL0: _Register
CNTP_TVAL_EL0: _Register
CNTP_CTL_EL0: _Register
CNTP_CVAL_EL0: _Register
CNTV_TVAL_EL0: _Register
CNTV_CTL_EL0: _Register
CNTV_CVAL_EL0: _Register
RNDR: _Register
RNDRRS: _Register
NZCV: _Register
DAIF: _Register
DIT: _Register
SSBS: _Register
TCO: _Register
FPCR: _Register
FPSR: _Register
PMCR_EL0: _Register
PMCNTENSET_EL0: _Register
PMCNTENCLR_EL0: _Register
PMOVSCLR_EL0: _Register
PMSWINC_EL0: _Register
PMSELR_EL0: _Register
PMCEID0_EL0: _Register
PMCEID1_EL0: _Register
PMCCNTR_EL0: _Register
PMXEVTYPER_EL0: _Register
PMXEVCNTR_EL0: _Register
PMUSERENR_EL0: _Register
PMOVSSET_EL0: _Register
PMEVCNTR0_EL0: _Register
PMEVCNTR1_EL0: _Register
PMEVCNTR2_EL0: _Register
PMEVCNTR3_EL0: _Register
PMEVCNTR4_EL0: _Register
PMEVCNTR5_EL0: _Register
PMEVTYPER0_EL0: _Register
PMEVTYPER1_EL0: _Register
PMEVTYPER2_EL0: _Register
PMEVTYPER3_EL0: _Register
PMEVTYPER4_EL0: _Register
PMEVTYPER5_EL0: _Register
PMCCFILTR_EL0: _Register
MDSCR_EL1: _Register
MDRAR_EL1: _Register
OSLAR_EL1: _Register
OSLSR_EL1: _Register
OSDLR_EL1: _Register
DBGAUTHSTATUS_EL1: _Register
MDCCSR_EL0: _Register
