// SPDX-License-Identifier: MIT
// Records of a directory block (ext2.rst, "Directories").

#include "ext2c.h"

#include <string.h>

uint32_t ext2c_le32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

int ext2c_record(const uint8_t *block, size_t size, size_t off, ext2c_record_t *r) {
    if (size - off < 8) {
        return 0;
    }
    const uint8_t *p = block + off;
    r->inode = ext2c_le32(p);
    r->length = p[4] | (size_t)p[5] << 8;
    r->name_length = p[6];
    r->type = p[7];
    r->name = p + 8;
    if (size == 65536 && (r->length == 0 || r->length == 65535)) {
        r->length = 65536; // what 16 bits cannot hold
    }
    return r->length >= 8u + r->name_length && r->length % 4 == 0 && r->length <= size - off &&
           !(r->inode != 0 && r->name_length == 0);
}

long ext2c_find(const uint8_t *block, size_t size, const uint8_t *name, size_t len) {
    ext2c_record_t r;
    for (size_t off = 0; off < size; off += r.length) {
        if (!ext2c_record(block, size, off, &r)) {
            return EXT2C_BROKEN;
        }
        if (r.name_length == len && r.inode != 0 && memcmp(r.name, name, len) == 0) {
            return (long)off;
        }
    }
    return EXT2C_NONE;
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
