// SPDX-License-Identifier: MIT
// Another firmware image in place of this one, from memory: devices stay as they are, the hand-off goes on.

#ifndef PYRALLAX_RAMBOOT_H
#define PYRALLAX_RAMBOOT_H

#include <stddef.h>

// Check an ELF image and lay it out in free memory with its tables and hand-off.  NULL, or why it cannot be started;
// a layout made before is dropped either way.
const char *ramboot_prepare(const void *elf, size_t len);
// Stop what this firmware runs and enter what was prepared.  Returns only when nothing is prepared (0) or a CPU does
// not stop (-1).
int ramboot_go(void);

#endif
