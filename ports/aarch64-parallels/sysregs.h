// SPDX-License-Identifier: MIT
// System registers by number.

#ifndef PYRALLAX_SYSREGS_H
#define PYRALLAX_SYSREGS_H

#include <stdint.h>

// As in MRS and MSR (Arm ARM C5.1.2).
#define SYSREG_CODE(op0, op1, crn, crm, op2)                                                       \
    ((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

typedef enum {
    SYSREG_OK,
    SYSREG_UNDEFINED, // the CPU or the hypervisor refuses
    SYSREG_NO_CODE,   // there is no instruction for it in the image
} sysreg_result_t;

// Any code below 1 << 16.
sysreg_result_t sysregs_read(unsigned code, uint64_t *value);
sysreg_result_t sysregs_write(unsigned code, uint64_t value);

#endif
