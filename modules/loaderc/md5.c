// SPDX-License-Identifier: MIT

#include "md5.h"

#include <string.h>

#define BLOCK 64

// floor(2^32 × abs(sin(i + 1))), RFC 1321 §3.4.
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
static const uint8_t turns[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

// Unrolled by the compiler: round and i are constants in each step.
static inline uint32_t step(unsigned i, uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                            const uint32_t *x) {
    uint32_t f;
    unsigned k;
    switch (i / 16) {
        case 0:
            f = d ^ (b & (c ^ d));
            k = i;
            break;
        case 1:
            f = c ^ (d & (b ^ c));
            k = (5 * i + 1) % 16;
            break;
        case 2:
            f = b ^ c ^ d;
            k = (3 * i + 5) % 16;
            break;
        default:
            f = c ^ (b | ~d);
            k = 7 * i % 16;
            break;
    }
    unsigned by = turns[i / 16][i % 4];
    uint32_t v = a + f + x[k] + sines[i];
    return b + (v << by | v >> (32 - by));
}

static void blocks(uint32_t s[4], const uint8_t *p, size_t count) {
    for (; count != 0; count--, p += BLOCK) {
        uint32_t x[16], a = s[0], b = s[1], c = s[2], d = s[3];
        memcpy(x, p, BLOCK); // little-endian, like this CPU
#pragma clang loop unroll(full)
        for (unsigned i = 0; i < 64; i += 4) {
            a = step(i, a, b, c, d, x);
            d = step(i + 1, d, a, b, c, x);
            c = step(i + 2, c, d, a, b, x);
            b = step(i + 3, b, c, d, a, x);
        }
        s[0] += a;
        s[1] += b;
        s[2] += c;
        s[3] += d;
    }
}

void md5_init(md5_t *m) {
    static const uint32_t start[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    memset(m, 0, sizeof(*m));
    memcpy(m->state, start, sizeof(start));
}

void md5_update(md5_t *m, const void *data, size_t len) {
    const uint8_t *p = data;
    size_t held = m->bytes % BLOCK;
    m->bytes += len;
    if (held != 0) {
        size_t n = BLOCK - held < len ? BLOCK - held : len;
        memcpy(m->block + held, p, n);
        p += n;
        len -= n;
        if (held + n < BLOCK) {
            return;
        }
        blocks(m->state, m->block, 1);
    }
    blocks(m->state, p, len / BLOCK);
    memcpy(m->block, p + len / BLOCK * BLOCK, len % BLOCK);
}

void md5_digest(const md5_t *m, uint8_t out[MD5_LEN]) {
    md5_t last = *m;
    uint8_t pad[BLOCK + 8] = {0x80};
    size_t n = (BLOCK + 55 - m->bytes % BLOCK) % BLOCK + 1; // up to 8 bytes before a block's end
    uint64_t bits = m->bytes * 8;
    memcpy(pad + n, &bits, 8);
    md5_update(&last, pad, n + 8);
    memcpy(out, last.state, MD5_LEN);
}
