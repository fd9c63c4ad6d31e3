// SPDX-License-Identifier: MIT
#ifndef PYRALLAX_ERRNO_H
#define PYRALLAX_ERRNO_H
extern int errno;
// Those that helpers return negative; py/mperrno.h has the same numbers.
#define EIO 5
#define ENOMEM 12
#define EBUSY 16
#define ENODEV 19
#define EINVAL 22
#define ENOSPC 28
#define EDOM 33
#define ERANGE 34
#endif
