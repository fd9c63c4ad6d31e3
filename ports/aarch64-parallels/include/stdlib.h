// SPDX-License-Identifier: MIT
#ifndef PYRALLAX_STDLIB_H
#define PYRALLAX_STDLIB_H
#include <stddef.h>
__attribute__((noreturn)) void abort(void);
__attribute__((noreturn)) void exit(int status);
#endif
