// SPDX-License-Identifier: MIT
// Exceptions: what a fault in an accessor becomes, and what every other fault becomes.

#ifndef PYRALLAX_FAULT_H
#define PYRALLAX_FAULT_H

#include <stdbool.h>
#include <stdint.h>

// As vectors.S stores it.
typedef struct {
    uint64_t x[31];
    uint64_t sp;
    uint64_t elr;
    uint64_t spsr;
    uint64_t esr;
    uint64_t far;
    uint64_t q[64];
    uint64_t fpsr;
    uint64_t fpcr;
} exc_frame_t;

_Static_assert(sizeof(exc_frame_t) == 816, "vectors.S FRAME_SIZE");

// A fault that an accessor took.
typedef struct {
    uint64_t addr;
    uint64_t esr;
    uint64_t far;
    uint64_t pc;
    uint8_t size; // 0: not known
    uint8_t write;
} bus_fault_t;

#define PANIC_BACKTRACE_MAX 32
#define PANIC_REASON_LEN 160
#define PANIC_PYTHON_LEN 2048

// The panic, for the post-mortem prompt.
typedef struct {
    bool happened;
    bool has_frame; // else the firmware itself found the fault
    exc_frame_t frame;
    char reason[PANIC_REASON_LEN];
    uint64_t cntvct;
    unsigned bt_count;
    uint64_t bt[PANIC_BACKTRACE_MAX];
    char python[PANIC_PYTHON_LEN]; // lines: file, line, function; the innermost first
} panic_record_t;

extern panic_record_t panic_record;
extern unsigned panic_depth; // nonzero: a panic is being reported

// Print the panic block and go on by the command line's panic=.  frame may be NULL.
__attribute__((noreturn)) void panic(const exc_frame_t *frame, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

// First letter of what the command line wants after a panic: r reset, o off, h halt, else the post-mortem prompt.
char panic_policy(void);

// Name of ESR_EL1.EC, and of the fault status of an abort.
const char *fault_class_name(uint64_t esr);
const char *fault_status_name(uint64_t esr);

// In mod BusError: raise for *fault in the interrupted code's place.
__attribute__((noreturn)) void bus_error_raise(const bus_fault_t *fault);

#endif
