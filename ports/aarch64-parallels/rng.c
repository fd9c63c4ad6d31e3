// SPDX-License-Identifier: MIT
// Hash generator after NIST SP 800-90A §10.1.1 in outline: state ← H(state, inputs), output = H(state, counter),
// and the state moves on after each request so that earlier output cannot be recomputed.

#include "rng.h"

#include <stdbool.h>
#include <string.h>

#include "hw.h"
#include "io.h"
#include "lib/crypto-algorithms/sha256.h"

static uint8_t state[32];
static uint64_t counter;
static uint32_t sources;

static void mix(const void *data, size_t len) {
    CRYAL_SHA256_CTX c;
    sha256_init(&c);
    sha256_update(&c, state, sizeof(state));
    sha256_update(&c, data, len);
    sha256_final(&c, state);
}

// RNDR (Arm ARM D17.2.116); false when it is absent or has nothing.
static bool rndr(uint64_t *v) {
    if ((sysreg_read(id_aa64isar0_el1) >> 60) == 0) {
        return false;
    }
    uint64_t flags;
    __asm__ volatile("mrs %0, s3_3_c2_c4_0\nmrs %1, nzcv" : "=r"(*v), "=r"(flags) : : "cc");
    return (flags & 1ull << 30) == 0; // Z set: failed
}

static void stir(void) {
    uint64_t in[3] = {cntvct(), ++counter, 0};
    if (rndr(&in[2])) {
        sources |= RNG_CPU;
    }
    mix(in, sizeof(in));
}

void rng_init(void) {
    if (hw.rng_len != 0) {
        mix(hw.rng_seed, hw.rng_len);
        memset(hw.rng_seed, 0, sizeof(hw.rng_seed)); // used once
        sources |= RNG_SEED;
    }
    mix(&hw.epoch_s, sizeof(hw.epoch_s));
    stir();
}

void rng_bytes(uint8_t *buf, size_t len) {
    stir();
    while (len != 0) {
        uint8_t block[32];
        CRYAL_SHA256_CTX c;
        counter++;
        sha256_init(&c);
        sha256_update(&c, state, sizeof(state));
        sha256_update(&c, (const uint8_t *)&counter, sizeof(counter));
        sha256_final(&c, block);
        size_t n = len < sizeof(block) ? len : sizeof(block);
        memcpy(buf, block, n);
        buf += n;
        len -= n;
    }
    stir();
}

uint32_t rng_sources(void) {
    return sources;
}
