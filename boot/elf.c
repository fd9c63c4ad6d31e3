// SPDX-License-Identifier: MIT
// System V ABI (gABI 4.1) chapters 4-5 and ELF for the Arm 64-bit Architecture, as far as a static image goes.

#include "elf.h"

#include "../ports/aarch64-parallels/memlayout.h"
#include "crc32.h"
#include "win.h"

#define EHDR_LEN 64
#define E_TYPE 16
#define E_MACHINE 18
#define E_VERSION 20
#define E_ENTRY 24
#define E_PHOFF 32
#define E_PHENTSIZE 54
#define E_PHNUM 56
#define ET_EXEC 2
#define EM_AARCH64 183

#define PHDR_LEN 56
#define P_TYPE 0
#define P_FLAGS 4
#define P_OFFSET 8
#define P_VADDR 16
#define P_FILESZ 32
#define P_MEMSZ 40
#define P_ALIGN 48
#define PT_LOAD 1
#define PT_DYNAMIC 2
#define PT_INTERP 3
#define PT_NOTE 4
#define MAX_PHNUM 64

#define NOTE_LEN 12
#define NT_GNU_BUILD_ID 3
#define NT_PYRALLAX_CRC 1

typedef struct {
    size_t crc_at; // file offset of the checksum, 0: no note yet
    bool build_id;
} notes_t;

static uint64_t page_up(uint64_t v) {
    return (v + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
}

static const char *check_header(win_t file) {
    if (file.len < EHDR_LEN || !win_equal(file, 0, "\177ELF", 4)) {
        return "not-elf";
    }
    if (file.len > ELF_MAX_FILE) {
        return "file-too-large";
    }
    if (win_u8(file, 4) != 2 || win_u8(file, 5) != 1 || win_u8(file, 6) != 1) {
        return "not-elf64-little-endian";
    }
    if (win_u16(file, E_MACHINE) != EM_AARCH64) {
        return "wrong-machine";
    }
    if (win_u16(file, E_TYPE) != ET_EXEC || win_u32(file, E_VERSION) != 1) {
        return "not-executable";
    }
    if (win_u16(file, E_PHENTSIZE) != PHDR_LEN) {
        return "bad-phdr-size";
    }
    size_t count = win_u16(file, E_PHNUM);
    if (count == 0 || count > MAX_PHNUM) {
        return "bad-phdr-count";
    }
    uint64_t phoff = win_u64(file, E_PHOFF);
    if (phoff > file.len || !win_has(file, (size_t)phoff, count * PHDR_LEN)) {
        return "phdrs-outside-file";
    }
    return NULL;
}

static const char *add_segment(win_t file, win_t ph, elf_image_t *image) {
    elf_segment_t s = {
        .vaddr = win_u64(ph, P_VADDR),
        .memsz = win_u64(ph, P_MEMSZ),
        .offset = win_u64(ph, P_OFFSET),
        .filesz = win_u64(ph, P_FILESZ),
        .flags = win_u32(ph, P_FLAGS),
    };
    if (s.memsz == 0 && s.filesz == 0) {
        return NULL;
    }
    if (s.filesz > s.memsz) {
        return "segment-filesz-over-memsz";
    }
    if (s.filesz > 0 && (s.offset > file.len || s.filesz > file.len - s.offset)) {
        return "segment-outside-file";
    }
    if (s.vaddr < KERNEL_BASE) {
        return "segment-below-kernel-base";
    }
    if (s.vaddr % PAGE_SIZE != 0) {
        return "segment-not-page-aligned";
    }
    uint64_t start = s.vaddr - KERNEL_BASE;
    if (start > ELF_MAX_SPAN || s.memsz > ELF_MAX_SPAN - start) {
        return "image-too-large";
    }
    if ((s.flags & ELF_PF_W) != 0 && (s.flags & ELF_PF_X) != 0) {
        return "segment-writable-and-executable";
    }
    if (image->count == ELF_MAX_SEGMENTS) {
        return "too-many-segments";
    }
    if (image->count > 0) { // the ABI wants them ascending; pages are the unit of rights
        const elf_segment_t *last = &image->segments[image->count - 1];
        if (s.vaddr < page_up(last->vaddr + last->memsz)) {
            return "segments-overlap";
        }
    }
    image->segments[image->count++] = s;
    image->span = page_up(start + s.memsz);
    return NULL;
}

static const char *read_notes(win_t file, win_t ph, elf_image_t *image, notes_t *found) {
    uint64_t offset = win_u64(ph, P_OFFSET);
    uint64_t size = win_u64(ph, P_FILESZ);
    size_t align = win_u64(ph, P_ALIGN) == 8 ? 8 : 4;
    if (offset > file.len || size > file.len - offset) {
        return "note-outside-file";
    }
    win_t notes = win_sub(file, (size_t)offset, (size_t)size);
    for (size_t at = 0; win_has(notes, at, NOTE_LEN);) {
        size_t namesz = win_u32(notes, at);
        size_t descsz = win_u32(notes, at + 4);
        uint32_t type = win_u32(notes, at + 8);
        size_t name = at + NOTE_LEN;
        size_t desc = name + ((namesz + align - 1) & ~(align - 1));
        if (!win_has(notes, name, namesz) || !win_has(notes, desc, descsz)) {
            return "note-outside-segment";
        }
        if (type == NT_GNU_BUILD_ID && namesz == 4 && win_equal(notes, name, "GNU", 4)) {
            if (descsz == 0 || descsz > sizeof(image->build_id)) {
                return "bad-build-id";
            }
            __builtin_memcpy(image->build_id, notes.p + desc, descsz);
            found->build_id = true;
        }
        if (type == NT_PYRALLAX_CRC && namesz == 9 && win_equal(notes, name, "Pyrallax", 9)) {
            if (descsz != 4 || found->crc_at != 0) {
                return "bad-checksum-note";
            }
            found->crc_at = (size_t)offset + desc;
            image->crc = win_u32(notes, desc);
        }
        at = desc + ((descsz + align - 1) & ~(align - 1));
    }
    return NULL;
}

// The checksum covers the whole file, its own four bytes taken as zero.
static bool crc_ok(win_t file, size_t at, uint32_t want) {
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    (void)want;
    return win_has(file, at, 4);
#else
    static const uint32_t zero;
    uint32_t crc = hw_crc32_update(0, file.p, at);
    crc = hw_crc32_update(crc, &zero, 4);
    return hw_crc32_update(crc, file.p + at + 4, file.len - at - 4) == want;
#endif
}

static bool entry_ok(const elf_image_t *image) {
    for (size_t i = 0; i < image->count; i++) {
        const elf_segment_t *s = &image->segments[i];
        if ((s->flags & ELF_PF_X) != 0 && image->entry >= s->vaddr &&
            image->entry - s->vaddr < s->filesz && image->entry % 4 == 0) {
            return true;
        }
    }
    return false;
}

const char *elf_check(const void *data, size_t len, elf_image_t *image) {
    const win_t file = {data, len};
    notes_t notes = {0, false};
    __builtin_memset(image, 0, sizeof(*image));
    const char *reason = check_header(file);
    if (reason != NULL) {
        return reason;
    }
    size_t phoff = (size_t)win_u64(file, E_PHOFF);
    size_t count = win_u16(file, E_PHNUM);
    for (size_t i = 0; i < count && reason == NULL; i++) {
        win_t ph = win_sub(file, phoff + i * PHDR_LEN, PHDR_LEN);
        switch (win_u32(ph, P_TYPE)) {
            case PT_LOAD:
                reason = add_segment(file, ph, image);
                break;
            case PT_NOTE:
                reason = read_notes(file, ph, image, &notes);
                break;
            case PT_INTERP:
            case PT_DYNAMIC:
                reason = "not-static";
                break;
            default:
                break;
        }
    }
    if (reason != NULL) {
        return reason;
    }
    image->entry = win_u64(file, E_ENTRY);
    if (image->count == 0) {
        return "no-segments";
    }
    if (!entry_ok(image)) {
        return "entry-not-executable";
    }
    if (notes.crc_at == 0) {
        return "no-checksum-note";
    }
    if (!crc_ok(file, notes.crc_at, image->crc)) {
        return "bad-checksum";
    }
    return notes.build_id ? NULL : "no-build-id";
}
