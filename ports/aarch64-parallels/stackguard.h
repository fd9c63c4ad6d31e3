// SPDX-License-Identifier: MIT
// The thread stack ran into its guard page.

#ifndef PYRALLAX_STACKGUARD_H
#define PYRALLAX_STACKGUARD_H

#include <stdbool.h>

#include "fault.h"

// Make the interrupted code raise RuntimeError, "maximum recursion depth exceeded", when the exception returns.
// False: nobody could catch it there, or state is half changed; then *frame is untouched.
bool stackguard_recover(exc_frame_t *frame);

#endif
