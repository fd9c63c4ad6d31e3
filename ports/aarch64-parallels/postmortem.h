// SPDX-License-Identifier: MIT
// The prompt after a panic.

#ifndef PYRALLAX_POSTMORTEM_H
#define PYRALLAX_POSTMORTEM_H

#include <stdbool.h>
#include <stddef.h>

// What mem.c sets aside: tables, the dead interpreter's state, stack, heap.
#define POSTMORTEM_TABLES (2 * 4096)
#define POSTMORTEM_STATE (32 * 1024)
#define POSTMORTEM_STACK (256 * 1024)
#define POSTMORTEM_HEAP (512 * 1024)
#define POSTMORTEM_SIZE (POSTMORTEM_TABLES + POSTMORTEM_STATE + POSTMORTEM_STACK + POSTMORTEM_HEAP)

// Python has run once.
extern bool postmortem_allowed;
// The prompt after a panic runs: interrupts are masked, all memory but the image's data and the prompt's own is
// read-only, and panic() ends it.
extern bool postmortem_active;

// Start the prompt on what was set aside for it; returns where it cannot run: no memory, no UART, no Python yet.
void postmortem_enter(void);

// Raise OSError(EROFS) when the prompt after a panic runs.
void postmortem_check_write(void);

// mp_state_ctx as the panic found it.
const void *postmortem_state(void);

#endif
