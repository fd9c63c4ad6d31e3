// SPDX-License-Identifier: MIT
// area: storage
// sources: modules/ext2c/dirent.c
#include "../../modules/ext2c/ext2c.h"

#include <stdbool.h>

#include "check.h"

#define SIZE 256

// A block of records with names of one to six letters, some of them free; what there are, in order.
static size_t fill(uint8_t *block, char names[][8], uint32_t *inodes) {
    size_t off = 0, n = 0;
    memset(block, 0, SIZE);
    while (off < SIZE) {
        size_t len = 1 + (size_t)rand() % 6;
        size_t length = 8 + ((len + 3) & ~3u) + 4 * ((size_t)rand() % 3);
        if (off + length + 16 > SIZE) {
            length = SIZE - off;
        }
        block[off] = rand() % 4 != 0;
        block[off + 4] = (uint8_t)length;
        block[off + 5] = (uint8_t)(length >> 8);
        block[off + 6] = (uint8_t)len;
        for (size_t i = 0; i < len; i++) {
            block[off + 8 + i] = (uint8_t)('a' + rand() % 3);
        }
        memset(names[n], 0, 8);
        memcpy(names[n], block + off + 8, len);
        inodes[n++] = block[off];
        off += length;
    }
    return n;
}

TEST(finds_the_first_record_of_a_name) {
    srand(1);
    for (int k = 0; k < 20000; k++) {
        uint8_t *block = malloc(SIZE); // its end is the end of what may be read
        char names[SIZE / 8][8];
        uint32_t inodes[SIZE / 8];
        size_t n = fill(block, names, inodes);
        size_t wanted = (size_t)rand() % n;
        size_t len = strlen(names[wanted]);
        size_t first = 0, off = 0;
        while (first < n && !(inodes[first] && strcmp(names[first], names[wanted]) == 0)) {
            off += block[off + 4] | (size_t)block[off + 5] << 8;
            first++;
        }
        long found = ext2c_find(block, SIZE, (const uint8_t *)names[wanted], len);
        CHECK_EQ(found, first < n ? (long)off : EXT2C_NONE);
        CHECK_EQ(ext2c_find(block, SIZE, (const uint8_t *)"none", 4), EXT2C_NONE);
        CHECK_EQ(ext2c_find(block, SIZE, (const uint8_t *)"", 0), EXT2C_NONE);
        free(block);
    }
}

// Whatever the bytes are: nothing is read behind the block, and all agree on whether it is broken.
TEST(reads_no_further_than_the_block) {
    srand(2);
    for (int k = 0; k < 200000; k++) {
        size_t size = k % 5 ? SIZE : (size_t)rand() % SIZE;
        uint8_t *block = malloc(size ? size : 1);
        uint8_t whole[SIZE];
        char names[SIZE / 8][8];
        uint32_t inodes[SIZE / 8];
        fill(whole, names, inodes);
        for (int i = rand() % 4; i > 0; i--) {
            whole[rand() % SIZE] = (uint8_t)rand();
        }
        memcpy(block, whole, size);
        bool broken = false;
        ext2c_record_t r;
        for (size_t off = 0; off < size && !broken; off += r.length) {
            broken = !ext2c_record(block, size, off, &r);
            if (!broken) {
                CHECK(r.name + r.name_length <= block + size);
            }
        }
        CHECK_EQ(ext2c_live(block, size) == EXT2C_BROKEN, broken);
        long off = ext2c_find(block, size, (const uint8_t *)"abc", 3);
        CHECK(off < (long)size);
        CHECK(size == 0 || off != EXT2C_NONE || !broken);
        CHECK(ext2c_room(block, size, 16) < (long)size);
        CHECK(ext2c_before(block, size, SIZE) < (long)SIZE);
        free(block);
    }
}
