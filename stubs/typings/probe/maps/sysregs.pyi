# Made by `inv stubs` from frozen/probe/maps/sysregs.py: do not edit.
"""System registers that EL1 can name (Arm ARM DDI 0487 D23; the GIC's: IHI 0069 §12.2).

op0.op1.CRn.CRm.op2[*COUNT] NAME ACCESS [FIELD…]; with COUNT, op2 counts up and so does the n in
the name.  RC: reading changes something.
"""

TEXT: str
SAFE: str
SAFE_PREFIXES: tuple[str, str]
