// SPDX-License-Identifier: MIT
// What the compiler may call.  Large memory goes through CopyMem and SetMem of the firmware instead.

#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);

// Ascending, so also for overlapping ranges that move down: hence no restrict in here.
static void copy_up(uint8_t *d, const uint8_t *s, size_t len) {
    for (; len >= 8; len -= 8, d += 8, s += 8) {
        uint64_t v;
        __builtin_memcpy(&v, s, 8);
        __builtin_memcpy(d, &v, 8);
    }
    for (; len > 0; len--) {
        *d++ = *s++;
    }
}

void *memcpy(void *restrict to, const void *restrict from, size_t len) {
    copy_up(to, from, len);
    return to;
}

void *memmove(void *to, const void *from, size_t len) {
    uint8_t *d = to;
    const uint8_t *s = from;
    if ((uintptr_t)d - (uintptr_t)s >= len) {
        copy_up(d, s, len);
        return to;
    }
    while (len >= 8) {
        uint64_t v;
        len -= 8;
        __builtin_memcpy(&v, s + len, 8);
        __builtin_memcpy(d + len, &v, 8);
    }
    while (len > 0) {
        len--;
        d[len] = s[len];
    }
    return to;
}

void *memset(void *to, int value, size_t len) {
    uint8_t *d = to;
    const uint64_t word = 0x0101010101010101ull * (uint8_t)value;
    for (; len >= 8; len -= 8, d += 8) {
        __builtin_memcpy(d, &word, 8);
    }
    for (; len > 0; len--) {
        *d++ = (uint8_t)value;
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t len) {
    const uint8_t *x = a;
    const uint8_t *y = b;
    for (; len > 0; len--, x++, y++) {
        if (*x != *y) {
            return *x - *y;
        }
    }
    return 0;
}
