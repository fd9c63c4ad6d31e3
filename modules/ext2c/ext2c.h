// SPDX-License-Identifier: MIT
// The inner loops of frozen/fs/ext2: over the records of a directory block, a bitmap, a block of pointers.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define EXT2C_NONE (-1)
#define EXT2C_BROKEN (-2)

// One record of a directory block, checked: it lies inside of the block and its name inside of it.
typedef struct {
    uint32_t inode;
    size_t length;
    uint8_t name_length;
    uint8_t type;
    const uint8_t *name;
} ext2c_record_t;

// 1 and *r filled, or 0 when the record at off is broken.  off < size.
int ext2c_record(const uint8_t *block, size_t size, size_t off, ext2c_record_t *r);

// Offset of a record, or EXT2C_NONE, EXT2C_BROKEN.
long ext2c_find(const uint8_t *block, size_t size, const uint8_t *name, size_t len);
long ext2c_room(const uint8_t *block, size_t size, size_t need);
long ext2c_before(const uint8_t *block, size_t size, size_t off);
long ext2c_live(const uint8_t *block, size_t size);

uint32_t ext2c_le32(const uint8_t *p);

// Size that an inode in its table says; p: 128 bytes.
uint64_t ext2c_size(const uint8_t *p);

// First run of clear bits in [start, end), at most `most` long: its length, 0 when there is none.
size_t ext2c_free_run(const uint8_t *map, size_t start, size_t end, size_t most, size_t *first);
// How many of n bits differed from value before they were set to it.
size_t ext2c_set_bits(uint8_t *map, size_t start, size_t n, int value);
// Length of the run of pointers from words[0] on that count up by one, or are all 0.
size_t ext2c_run(const uint8_t *words, size_t limit);
// Write n pointers that count up from first, or are all 0.
void ext2c_put_run(uint8_t *words, size_t n, uint32_t first);

// CRC-32C from crc on, nothing inverted.
uint32_t ext2c_crc32c(uint32_t crc, const uint8_t *p, size_t len);
