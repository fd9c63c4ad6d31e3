// SPDX-License-Identifier: MIT
// Power State Coordination Interface (Arm DEN 0022F).

#ifndef PYRALLAX_PSCI_H
#define PYRALLAX_PSCI_H

#include <stdint.h>

// Result of a PSCI call, or -1 (NOT_SUPPORTED) without a conduit.
int64_t psci_call(uint32_t function, uint64_t a1, uint64_t a2, uint64_t a3);
// What calls answer (§5.2.2).
#define PSCI_SUCCESS 0
#define PSCI_NOT_SUPPORTED -1
#define PSCI_INVALID_PARAMETERS -2
#define PSCI_DENIED -3
#define PSCI_ALREADY_ON -4
#define PSCI_ON_PENDING -5
#define PSCI_INTERNAL_FAILURE -6
#define PSCI_NOT_PRESENT -7
#define PSCI_DISABLED -8
#define PSCI_INVALID_ADDRESS -9

const char *psci_error_name(int error);
// Start a CPU at a physical address, x0 = context; the 32-bit call where the 64-bit one is not supported.
int psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context);
// 0 on, 1 off, 2 on its way, or an error.
#define PSCI_AFFINITY_OFF 1
int psci_affinity_info(uint64_t mpidr);
// Ends the calling CPU; returns only when the platform refuses.
void psci_cpu_off(void);
// Feature flags of a function, or an error; of what every version has, by the version.
int psci_features(uint32_t function);
// PSCI version, major << 16 | minor, or 0.
uint32_t psci_version(void);
// Both return only when the platform refuses.
void psci_system_reset(void);
void psci_system_off(void);

#endif
