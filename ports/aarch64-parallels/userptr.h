// SPDX-License-Identifier: MIT
// Code of MicroPython that reads and writes where Python says: uctypes, bytearray and memoryview, and the conversion
// of items (struct, array).  It holds nothing that an exception in its middle would leave half done, so a fault there
// is a BusError.  firmware.ld keeps it in one piece; what it calls is not part of it, the memory functions apart.

#ifndef PYRALLAX_USERPTR_H
#define PYRALLAX_USERPTR_H

#include <stdbool.h>

#include "fault.h"

// Whether such code, or a memory function that it called, made the access.
bool userptr_access(const exc_frame_t *frame);

#endif
