// SPDX-License-Identifier: MIT
// MD5 (RFC 1321), for a protocol that asks for it: no protection against anybody's intent.

#ifndef PYRALLAX_LOADERC_MD5_H
#define PYRALLAX_LOADERC_MD5_H

#include <stddef.h>
#include <stdint.h>

#define MD5_LEN 16

typedef struct {
    uint32_t state[4];
    uint64_t bytes;
    uint8_t block[64];
} md5_t;

void md5_init(md5_t *m);
void md5_update(md5_t *m, const void *data, size_t len);
// The sum of what came so far; m goes on.
void md5_digest(const md5_t *m, uint8_t out[MD5_LEN]);

#endif
