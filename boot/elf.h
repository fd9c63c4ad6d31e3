// SPDX-License-Identifier: MIT
// Is this file a firmware image that can be started?  Pure: compiles, is tested and is fuzzed on the host.

#ifndef PYRALLAX_BOOT_ELF_H
#define PYRALLAX_BOOT_ELF_H

#include <stddef.h>
#include <stdint.h>

#define ELF_MAX_SEGMENTS 16
#define ELF_MAX_SPAN (64u << 20) // from KERNEL_BASE to the end of the last segment
#define ELF_MAX_FILE (64u << 20)

typedef struct {
    uint64_t vaddr; // page aligned, >= KERNEL_BASE
    uint64_t memsz;
    uint64_t offset; // of filesz bytes in the file
    uint64_t filesz;
    uint32_t flags; // PF_*
} elf_segment_t;

#define ELF_PF_X 1u
#define ELF_PF_W 2u
#define ELF_PF_R 4u

typedef struct {
    uint64_t entry;
    uint64_t span; // bytes from KERNEL_BASE to the end of the last page
    size_t count;
    elf_segment_t segments[ELF_MAX_SEGMENTS]; // ascending by vaddr
    uint8_t build_id[20];
    uint32_t crc;
} elf_image_t;

// NULL when the file may be started and *image describes it, else the reason why not.
const char *elf_check(const void *file, size_t len, elf_image_t *image);

#endif
