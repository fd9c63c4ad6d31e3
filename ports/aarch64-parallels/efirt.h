// SPDX-License-Identifier: MIT
// Calls of UEFI runtime services (UEFI 2.10 §8), in an address space that has what the firmware may touch and
// nothing else in the lower half.  A fault in there, or an endless loop, comes back as a result.

#ifndef PYRALLAX_EFIRT_H
#define PYRALLAX_EFIRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

#define EFIRT_ARGS 5 // the most that a service takes

typedef enum {
    EFIRT_CODE,     // read, execute
    EFIRT_DATA,     // read, write
    EFIRT_BOTH,     // code and data mixed: everything
    EFIRT_RO,       // read
    EFIRT_DEVICE,   // read, write, Device-nGnRnE
    EFIRT_UNCACHED, // read, write, Normal non-cacheable
} efirt_kind_t;

typedef enum {
    EFIRT_DONE,
    EFIRT_FAULT,   // *fault says which
    EFIRT_TIMEOUT, // was interrupted
} efirt_end_t;

// A call is under way.
extern bool efirt_running;

// Start an address space.  Returns 0 or -ENOMEM; forgets the one before.
int efirt_begin(size_t regions);
// Add a region to it, page aligned, mapped where it is.  Returns 0 or -EINVAL, -ENOMEM.
int efirt_map(uint64_t base, uint64_t size, efirt_kind_t kind);
// Memory that is mapped there and here: for arguments.  NULL before efirt_begin.
void *efirt_buffer(size_t *size);
// Whether fn may run there.
bool efirt_is_code(uint64_t fn);
efirt_end_t efirt_call(uint64_t fn, const uint64_t args[EFIRT_ARGS], uint64_t timeout_us,
                       uint64_t *status, bus_fault_t *fault);

// For the exception path, during a call.  Make the exception return to efirt_call; false when it did not happen in
// the firmware.
bool efirt_fault(unsigned slot, exc_frame_t *frame);
// An interrupt came: back to our own address space for the handlers; then on, or out when the time is over.
bool efirt_leave(void);
void efirt_return(exc_frame_t *frame);

#endif
