// SPDX-License-Identifier: MIT
// Records of a directory block (ext2.rst, "Directories").

#include "ext2c.h"

#include <string.h>

uint32_t ext2c_le32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

// A record as long as a block of 64 KiB: 0 or 65535 on the disk.
#define LONGEST ((size_t)65536)

int ext2c_record(const uint8_t *block, size_t size, size_t off, ext2c_record_t *r) {
    if (size - off < 8) {
        return 0;
    }
    const uint8_t *p = block + off;
    r->inode = ext2c_le32(p);
    r->length = p[4] | (size_t)p[5] << 8;
    if (size == LONGEST && (r->length == 0 || r->length == LONGEST - 1)) {
        r->length = LONGEST;
    }
    r->name_length = p[6];
    r->type = p[7];
    r->name = p + 8;
    return r->length >= 8u + r->name_length && r->length % 4 == 0 && r->length <= size - off &&
           !(r->inode != 0 && r->name_length == 0);
}

// Written out, with the checks of ext2c_record: every open() and stat() is a search, mostly through whole blocks.  Names
// side by side tend to differ at their ends.
long ext2c_find(const uint8_t *block, size_t size, const uint8_t *name, size_t len) {
    uint8_t last = len > 0 ? name[len - 1] : 0;
    size_t off = 0;
    while (size - off >= 8) {
        const uint8_t *p = block + off;
        uint32_t head = ext2c_le32(p + 4);
        size_t length = head & 0xffff;
        size_t name_length = head >> 16 & 0xff;
        if (length % 4 != 0 || length < 8 + name_length || length > size - off) {
            if (size - off != LONGEST || (length != 0 && length != LONGEST - 1)) {
                break;
            }
            length = LONGEST;
        }
        if (name_length == len && p[7 + len] == last && memcmp(p + 8, name, len) == 0 &&
            ext2c_le32(p) != 0) {
            return (long)off;
        }
        if (name_length == 0 && ext2c_le32(p) != 0) {
            return EXT2C_BROKEN;
        }
        off += length;
        if (off == size) {
            return EXT2C_NONE;
        }
    }
    return EXT2C_BROKEN;
}

long ext2c_room(const uint8_t *block, size_t size, size_t need) {
    ext2c_record_t r;
    for (size_t off = 0; off < size; off += r.length) {
        if (!ext2c_record(block, size, off, &r)) {
            return EXT2C_BROKEN;
        }
        size_t used = r.inode == 0 ? 0 : (8u + r.name_length + 3) & ~(size_t)3;
        if (r.length >= used + need) {
            return (long)off;
        }
    }
    return EXT2C_NONE;
}

long ext2c_before(const uint8_t *block, size_t size, size_t off) {
    ext2c_record_t r;
    size_t last = 0;
    for (size_t at = 0; at < size; last = at, at += r.length) {
        if (at == off) {
            return (long)last;
        }
        if (!ext2c_record(block, size, at, &r)) {
            break;
        }
    }
    return EXT2C_BROKEN;
}

long ext2c_live(const uint8_t *block, size_t size) {
    ext2c_record_t r;
    long count = 0;
    for (size_t off = 0; off < size; off += r.length) {
        if (!ext2c_record(block, size, off, &r)) {
            return EXT2C_BROKEN;
        }
        count += r.inode != 0;
    }
    return count;
}
