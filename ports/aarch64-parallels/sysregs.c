// SPDX-License-Identifier: MIT
#include "sysregs.h"

#include <stdbool.h>

// In sysregcode.S.
bool sysreg_try_read(uint64_t index, uint64_t *value);
bool sysreg_try_write(uint64_t index, uint64_t value);
extern const uint16_t sysreg_writes[]; // codes, 0 ends them

#define PAIRS 128 // of one op0, op1, CRn

// The order of sysregcode.S: op0 and op1, and a bit for each CRn that is there.  The others have no register in the
// Arm ARM that EL1 could read; other values of op1 belong to EL2, EL3 and the secure EL1, or to the trace unit.
static const struct {
    uint8_t op0, op1;
    uint16_t crn;
} blocks[] = {
    {3, 0, 0xfef7},
    {3, 3, 0xea15},
    {3, 1, 1 << 0 | 1 << 11 | 1 << 15},
    {3, 2, 1 << 0 | 1 << 11 | 1 << 15},
    {2, 0, 1 << 0 | 1 << 1 | 1 << 7},
    {2, 3, 1 << 0},
};

sysreg_result_t sysregs_read(unsigned code, uint64_t *value) {
    unsigned op0 = code >> 14, op1 = code >> 11 & 7, crn = code >> 7 & 15, before = 0;
    for (unsigned i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        unsigned here = blocks[i].crn;
        if (blocks[i].op0 == op0 && blocks[i].op1 == op1 && (here >> crn & 1) != 0) {
            before += (unsigned)__builtin_popcount(here & ((1u << crn) - 1));
            return sysreg_try_read(before * PAIRS + (code & 127), value) ? SYSREG_OK :
                                                                           SYSREG_UNDEFINED;
        }
        before += (unsigned)__builtin_popcount(here);
    }
    return SYSREG_NO_CODE;
}

sysreg_result_t sysregs_write(unsigned code, uint64_t value) {
    for (unsigned i = 0; sysreg_writes[i] != 0; i++) {
        if (sysreg_writes[i] == code) {
            return sysreg_try_write(i, value) ? SYSREG_OK : SYSREG_UNDEFINED;
        }
    }
    return SYSREG_NO_CODE;
}
