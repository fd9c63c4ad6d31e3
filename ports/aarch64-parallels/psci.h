// SPDX-License-Identifier: MIT
// Power State Coordination Interface (Arm DEN 0022F).

#ifndef PYRALLAX_PSCI_H
#define PYRALLAX_PSCI_H

#include <stdint.h>

// Result of a PSCI call, or -1 (NOT_SUPPORTED) without a conduit.
int64_t psci_call(uint32_t function, uint64_t a1, uint64_t a2, uint64_t a3);
// PSCI version, major << 16 | minor, or 0.
uint32_t psci_version(void);
// Both return only when the platform refuses.
void psci_system_reset(void);
void psci_system_off(void);

#endif
