// SPDX-License-Identifier: MIT
#ifndef PYRALLAX_VERSION_H
#define PYRALLAX_VERSION_H
#define PYRALLAX_VERSION "0.1.0"
#endif
