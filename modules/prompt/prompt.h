// SPDX-License-Identifier: MIT
// Hooks into the friendly prompt.

#ifndef PYRALLAX_PROMPT_H
#define PYRALLAX_PROMPT_H

// Before readline prints `prompt`: call what prompt.before() was given, if the prompt begins a new line.  Exceptions
// are printed and end it.
void prompt_run_before(const char *prompt);

#endif
