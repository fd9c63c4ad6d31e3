// SPDX-License-Identifier: MIT
#ifndef PYRALLAX_SYS_TYPES_H
#define PYRALLAX_SYS_TYPES_H
typedef long ssize_t;
#endif
