// SPDX-License-Identifier: MIT
// sources:
#include "check.h"

#define memcpy lib_memcpy
#define memmove lib_memmove
#define memset lib_memset
#define memcmp lib_memcmp
#include "../../boot/lib.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

TEST(moves_like_libc) {
    uint8_t a[96], b[96];
    for (size_t from = 0; from < 24; from++) {
        for (size_t to = 0; to < 24; to++) {
            for (size_t len = 0; len < 64; len++) {
                for (size_t i = 0; i < sizeof(a); i++) {
                    a[i] = b[i] = (uint8_t)(i * 37);
                }
                memmove(a + to, a + from, len);
                lib_memmove(b + to, b + from, len);
                CHECK(memcmp(a, b, sizeof(a)) == 0);
            }
        }
    }
}

TEST(set_copy_compare) {
    uint8_t a[40], b[40];
    for (size_t len = 0; len < sizeof(a); len++) {
        memset(a, 1, sizeof(a));
        lib_memset(a, 0xa5, len);
        for (size_t i = 0; i < sizeof(a); i++) {
            CHECK_EQ(a[i], i < len ? 0xa5 : 1);
        }
        lib_memcpy(b, a, sizeof(b));
        CHECK_EQ(lib_memcmp(a, b, sizeof(a)), 0);
        b[len] ^= 1;
        CHECK(lib_memcmp(a, b, sizeof(a)) != 0);
    }
}
