// SPDX-License-Identifier: MIT
#include "sysregs.h"

#include <stdbool.h>

// In sysregcode.S.
bool sysreg_try_read(uint64_t index, uint64_t *value);
bool sysreg_try_write(uint64_t index, uint64_t value);
extern const uint16_t sysreg_writes[]; // codes, 0 ends them

// The lines of sysregcode.S, in its order: those CRn and CRm for which the Arm ARM (D23) has registers of EL1 or EL0.
// Other values of op1 belong to EL2, EL3 and the secure EL1, or to the trace unit.
static const struct {
    uint8_t op0, op1, crn, crm, count; // count: of CRm, from crm on
} blocks[] = {
    {3, 0, 0, 0, 8},  {3, 0, 1, 0, 5},  {3, 0, 2, 0, 6},  {3, 0, 4, 0, 7},  {3, 0, 5, 0, 7},
    {3, 0, 6, 0, 1},  {3, 0, 7, 4, 1},  {3, 0, 9, 9, 6},  {3, 0, 10, 1, 5}, {3, 0, 12, 0, 2},
    {3, 0, 12, 8, 6}, {3, 0, 13, 0, 1}, {3, 0, 14, 1, 1}, {3, 3, 0, 0, 1},  {3, 3, 2, 4, 2},
    {3, 3, 4, 2, 4},  {3, 3, 9, 12, 3}, {3, 3, 13, 0, 8}, {3, 3, 14, 0, 4}, {3, 3, 14, 8, 8},
    {3, 1, 0, 0, 1},  {3, 2, 0, 0, 1},  {2, 0, 0, 0, 16}, {2, 0, 1, 0, 5},  {2, 0, 7, 8, 7},
    {2, 3, 0, 1, 1},
};

sysreg_result_t sysregs_read(unsigned code, uint64_t *value) {
    unsigned op0 = code >> 14, op1 = code >> 11 & 7, crn = code >> 7 & 15, crm = code >> 3 & 15;
    unsigned before = 0;
    for (unsigned i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        if (blocks[i].op0 == op0 && blocks[i].op1 == op1 && blocks[i].crn == crn &&
            crm - blocks[i].crm < blocks[i].count) {
            unsigned index = before + (crm - blocks[i].crm) * 8 + (code & 7);
            return sysreg_try_read(index, value) ? SYSREG_OK : SYSREG_UNDEFINED;
        }
        before += blocks[i].count * 8u;
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
