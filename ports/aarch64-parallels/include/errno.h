// SPDX-License-Identifier: MIT
#ifndef PYRALLAX_ERRNO_H
#define PYRALLAX_ERRNO_H
extern int errno;
#define EDOM 33
#define ERANGE 34
#endif
