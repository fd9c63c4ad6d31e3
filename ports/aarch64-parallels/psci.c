// SPDX-License-Identifier: MIT
// PSCI by HVC or SMC, as the tables say.  On Parallels only HVC works (reference P6).

#include "psci.h"

#include "hw.h"

#define PSCI_VERSION 0x84000000u       // §5.1
#define PSCI_CPU_OFF 0x84000002u       // §5.5
#define PSCI_CPU_ON32 0x84000003u      // §5.6
#define PSCI_CPU_ON64 0xc4000003u      // §5.6
#define PSCI_AFFINITY_INFO 0xc4000004u // §5.7
#define PSCI_FEATURES 0x8400000au      // §5.15
#define PSCI_SYSTEM_OFF 0x84000008u    // §5.11
#define PSCI_SYSTEM_RESET 0x84000009u  // §5.12

// Results are 32 bits wide, whatever the upper half holds: SMC32 functions may leave it zero (Arm DEN 0028 §2.7).
int64_t psci_call(uint32_t function, uint64_t a1, uint64_t a2, uint64_t a3) {
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = a1;
    register uint64_t x2 __asm__("x2") = a2;
    register uint64_t x3 __asm__("x3") = a3;
    switch (hw.psci) {
        case HW_PSCI_HVC:
            __asm__ volatile("hvc #0"
                             : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
                             :
                             : "memory", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
                               "x13", "x14", "x15", "x16", "x17");
            break;
        case HW_PSCI_SMC:
            __asm__ volatile("smc #0"
                             : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
                             :
                             : "memory", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
                               "x13", "x14", "x15", "x16", "x17");
            break;
        default:
            return -1;
    }
    return (int64_t)x0;
}

uint32_t psci_version(void) {
    int v = (int)psci_call(PSCI_VERSION, 0, 0, 0);
    return v < 0 ? 0 : (uint32_t)v;
}

int psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context) {
    int r = (int)psci_call(PSCI_CPU_ON64, mpidr, entry, context);
    if (r == PSCI_NOT_SUPPORTED && ((mpidr | entry | context) >> 32) == 0) {
        r = (int)psci_call(PSCI_CPU_ON32, mpidr, entry, context);
    }
    return r;
}

void psci_cpu_off(void) {
    psci_call(PSCI_CPU_OFF, 0, 0, 0);
}

int psci_affinity_info(uint64_t mpidr) {
    return (int)psci_call(PSCI_AFFINITY_INFO, mpidr, 0, 0);
}

int psci_features(uint32_t function) {
    if (psci_version() < 0x10000) {
        return PSCI_NOT_SUPPORTED;
    }
    return (int)psci_call(PSCI_FEATURES, function, 0, 0);
}

const char *psci_error_name(int error) {
    static const char *const names[] = {
        "success",    "not supported",    "invalid parameters", "denied",   "already on",
        "on pending", "internal failure", "not present",        "disabled", "invalid address",
    };
    return error <= 0 && -error < (int)(sizeof(names) / sizeof(names[0])) ? names[-error] :
                                                                            "unknown answer";
}

void psci_system_reset(void) {
    psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
}

void psci_system_off(void) {
    psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
}
