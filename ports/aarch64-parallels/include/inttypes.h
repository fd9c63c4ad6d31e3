// SPDX-License-Identifier: MIT
#ifndef PYRALLAX_INTTYPES_H
#define PYRALLAX_INTTYPES_H
#include <stdint.h>
#define PRIu32 "u"
#define PRIx32 "x"
#define PRId32 "d"
#define PRIi32 "d"
#endif
