// SPDX-License-Identifier: MIT
// The machine as the hand-off describes it.

#ifndef PYRALLAX_HW_H
#define PYRALLAX_HW_H

#include "boot/hwconfig.h"

// The firmware's own copy; set once by kernel_main.
extern hw_config_t hw;

// Sort mem[], let later kinds win over HW_MEM_FREE where entries overlap, merge neighbours, clip to pages.
// Returns 0, or -1 when the list is full.
int hw_mem_normalize(hw_config_t *hw);

// Stamp a boot stage with the virtual counter.
void hw_stamp(uint32_t stage);

// Value of `key=value` on the command line, or NULL.  The value ends at a space; copied to buf (len bytes).
const char *hw_option(const char *key, char *buf, unsigned len);
// Same as a number with an optional suffix k, m or g; `otherwise` when absent or malformed.
uint64_t hw_option_size(const char *key, uint64_t otherwise);

#endif
