// SPDX-License-Identifier: MIT
// The thread stack ran into its guard page.

#ifndef PYRALLAX_STACKGUARD_H
#define PYRALLAX_STACKGUARD_H

#include <stdbool.h>

#include "fault.h"

// Whether an access at far is one below the thread stack, in its guard.
bool stackguard_hit(uint64_t far);

// Make the interrupted code raise RuntimeError, "maximum recursion depth exceeded", when the exception returns.
// False: nobody could catch it there, or state is half changed; then *frame is untouched.
bool stackguard_recover(exc_frame_t *frame);

// Guard another stack from now on, with interrupts masked for good.
void stackguard_postmortem(char *bottom, char *top);

#endif
