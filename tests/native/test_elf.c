// SPDX-License-Identifier: MIT
// sources: boot/elf.c boot/crc32.c
#include "../../boot/elf.h"
#include "../../boot/hwconfig.h"
#include "../../ports/aarch64-parallels/memlayout.h"
#include "check.h"

#define SIZE 12288
#define CRC_AT (8192 + 36 + 24)
#define PHDR(i) (64 + 56 * (i))

static uint8_t file[SIZE];
static elf_image_t image;

static void w16(size_t at, uint16_t v) {
    memcpy(file + at, &v, 2);
}
static void w32(size_t at, uint32_t v) {
    memcpy(file + at, &v, 4);
}
static void w64(size_t at, uint64_t v) {
    memcpy(file + at, &v, 8);
}

static void phdr(int i, uint32_t type, uint32_t flags, uint64_t offset, uint64_t vaddr,
                 uint64_t filesz, uint64_t memsz) {
    size_t at = PHDR(i);
    w32(at, type);
    w32(at + 4, flags);
    w64(at + 8, offset);
    w64(at + 16, vaddr);
    w64(at + 32, filesz);
    w64(at + 40, memsz);
    w64(at + 48, type == 4 ? 4 : 4096);
}

static void begin(void) {
    memset(file, 0, sizeof(file));
    memcpy(file, "\177ELF\2\1\1", 7);
    w16(16, 2);
    w16(18, 183);
    w32(20, 1);
    w64(24, KERNEL_BASE + 16);
    w64(32, 64);
    w16(54, 56);
    w16(56, 5);
    phdr(0, 1, 5, 4096, KERNEL_BASE, 4096, 4096);
    phdr(1, 1, 4, 8192, KERNEL_BASE + 4096, 100, 100);
    phdr(2, 1, 6, 8192, KERNEL_BASE + 8192, 16, 10000);
    phdr(3, 1, 6, 1 << 30, KERNEL_BASE + 0x10000, 0, 0x8000); // offset of nothing
    phdr(4, 4, 4, 8192, KERNEL_BASE + 4096, 64, 64);
    w32(8192, 4);
    w32(8192 + 4, 20);
    w32(8192 + 8, 3);
    memcpy(file + 8192 + 12, "GNU\0abcdefghijklmnopqrst", 24);
    w32(8192 + 36, 9);
    w32(8192 + 40, 4);
    w32(8192 + 44, 1);
    memcpy(file + 8192 + 48, "Pyrallax", 9);
}

static const char *check_len(size_t len) {
    uint8_t *copy = malloc(len ? len : 1); // exact size: reads beyond it are caught
    memcpy(copy, file, len);
    const char *reason = elf_check(copy, len, &image);
    free(copy);
    return reason;
}

static const char *check(void) {
    if (memcmp(file + CRC_AT - 12, "Pyrallax", 9) == 0) {
        w32(CRC_AT, 0);
        w32(CRC_AT, hw_crc32(file, SIZE));
    }
    return check_len(SIZE);
}

TEST(good) {
    begin();
    CHECK_STR(check(), NULL);
    CHECK_EQ(image.count, 4);
    CHECK_EQ(image.entry, KERNEL_BASE + 16);
    CHECK_EQ(image.span, 0x18000);
    CHECK(memcmp(image.build_id, "abcdefghijklmnopqrst", 20) == 0);
    CHECK_EQ(image.segments[2].filesz, 16);
}

TEST(every_flipped_byte_is_refused) {
    begin();
    CHECK_STR(check(), NULL);
    for (size_t i = 0; i < SIZE; i += i < 9000 ? 1 : 37) {
        file[i] ^= 0x10;
        if (check_len(SIZE) == NULL) {
            fprintf(stderr, "byte %zu\n", i);
            CHECK(!"accepted");
        }
        file[i] ^= 0x10;
    }
}

TEST(every_truncation_is_refused) {
    begin();
    CHECK_STR(check(), NULL);
    for (size_t len = 0; len < SIZE; len += len < 500 ? 1 : 61) {
        CHECK(check_len(len) != NULL);
    }
    CHECK_STR(check_len(0), "not-elf");
    CHECK_STR(check_len(100), "phdrs-outside-file");
    CHECK_STR(check_len(6000), "segment-outside-file");
}

static const char *with16(size_t at, uint16_t v) {
    begin();
    w16(at, v);
    return check();
}

static const char *with32(size_t at, uint32_t v) {
    begin();
    w32(at, v);
    return check();
}

static const char *with64(size_t at, uint64_t v) {
    begin();
    w64(at, v);
    return check();
}

TEST(headers) {
    CHECK_STR(with16(18, 62), "wrong-machine");
    CHECK_STR(with16(16, 3), "not-executable");
    CHECK_STR(with16(4, 0x0101), "not-elf64-little-endian");
    CHECK_STR(with16(4, 0x0202), "not-elf64-little-endian");
    CHECK_STR(with16(54, 32), "bad-phdr-size");
    CHECK_STR(with16(56, 0), "bad-phdr-count");
    CHECK_STR(with16(56, 0xffff), "bad-phdr-count");
    CHECK_STR(with64(32, ~0ull), "phdrs-outside-file");
    CHECK_STR(with64(32, SIZE - 60), "phdrs-outside-file");
}

TEST(segments) {
    CHECK_STR(with64(PHDR(0) + 8, ~0ull), "segment-outside-file");
    CHECK_STR(with64(PHDR(0) + 16, 0x40000000), "segment-below-kernel-base");
    CHECK_STR(with64(PHDR(0) + 16, KERNEL_BASE + 8), "segment-not-page-aligned");
    CHECK_STR(with64(PHDR(1) + 32, 101), "segment-filesz-over-memsz");
    CHECK_STR(with64(PHDR(3) + 40, ~0ull), "image-too-large");
    CHECK_STR(with64(PHDR(3) + 16, 0xfffffffffffff000), "image-too-large");
    CHECK_STR(with64(PHDR(1) + 16, KERNEL_BASE), "segments-overlap");
    CHECK_STR(with64(PHDR(0) + 40, 4097), "segments-overlap"); // one page, two rights
    CHECK_STR(with32(PHDR(0) + 4, 7), "segment-writable-and-executable");
    CHECK_STR(with32(PHDR(3), 3), "not-static");
    CHECK_STR(with32(PHDR(3), 2), "not-static");
}

TEST(too_many_segments) {
    begin();
    w64(32, 256);
    w16(56, 40);
    memset(file + 64, 0, 4032);
    for (int i = 0; i < 40; i++) {
        size_t at = 256 + 56 * (size_t)i;
        w32(at, 1);
        w32(at + 4, 4);
        w64(at + 16, KERNEL_BASE + 4096 * (uint64_t)i);
        w64(at + 40, 4096);
    }
    CHECK_STR(check(), "too-many-segments");
}

TEST(entry) {
    CHECK_STR(with64(24, KERNEL_BASE + 4096), "entry-not-executable"); // in rodata
    CHECK_STR(with64(24, KERNEL_BASE + 2), "entry-not-executable");
    CHECK_STR(with64(24, 0), "entry-not-executable");
    CHECK_STR(with64(24, 0x40000000), "entry-not-executable");
}

TEST(notes) {
    CHECK_STR(with32(8192 + 8, 4), "no-build-id");
    CHECK_STR(with32(8192 + 44, 2), "no-checksum-note");
    CHECK_STR(with32(8192 + 40, 8), "note-outside-segment");
    CHECK_STR(with32(8192, 0xfffffff0), "note-outside-segment");
    CHECK_STR(with32(8192 + 4, 0xffffffff), "note-outside-segment");
    CHECK_STR(with32(8192 + 4, 0), "bad-build-id");
    CHECK_STR(with64(PHDR(4) + 8, SIZE + 1), "note-outside-file");
    CHECK_STR(with64(PHDR(4) + 32, ~0ull), "note-outside-file");
    CHECK_STR(with32(PHDR(4), 0), "no-checksum-note");
}

TEST(no_segments) {
    begin();
    for (int i = 0; i < 4; i++) {
        w32(PHDR(i), 0);
    }
    CHECK_STR(check(), "no-segments");
}
