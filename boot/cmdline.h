// SPDX-License-Identifier: MIT
// The firmware's command line from its two sources.  Pure: compiles and is tested on the host.

#ifndef PYRALLAX_BOOT_CMDLINE_H
#define PYRALLAX_BOOT_CMDLINE_H

#include <stddef.h>
#include <stdint.h>

#include "hwconfig.h"

// Append len bytes of text (UTF-8; stops at a zero): white space and control characters become single
// blanks, '#' at a line's start makes the line a comment.  One line in the log when something is lost.
void cmdline_add_text(hw_config_t *hw, const char *source, const void *text, size_t len);
// The same from UCS-2 (LoadOptions).  Binary data, which boot managers also put there, is left out with a
// line in the log; so is the program's name, which the UEFI shell puts first.
void cmdline_add_ucs2(hw_config_t *hw, const char *source, const void *text, size_t len);

#endif
