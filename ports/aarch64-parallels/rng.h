// SPDX-License-Identifier: MIT
// Random bytes: a SHA-256 generator over every entropy source the machine has.

#ifndef PYRALLAX_RNG_H
#define PYRALLAX_RNG_H

#include <stddef.h>
#include <stdint.h>

void rng_init(void);
void rng_bytes(uint8_t *buf, size_t len);
// What the seed came from, for the log: bits of RNG_*.
#define RNG_SEED 1u // UEFI RNG protocol or the device tree's rng-seed
#define RNG_CPU 2u  // RNDR
uint32_t rng_sources(void);

#endif
