// SPDX-License-Identifier: MIT
#ifndef PYRALLAX_ALLOCA_H
#define PYRALLAX_ALLOCA_H
#define alloca(size) __builtin_alloca(size)
#endif
