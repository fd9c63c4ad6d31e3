// SPDX-License-Identifier: MIT
// sources: boot/elf.c boot/crc32.c
// Input: the file.
#include <stdlib.h>

#include "../../boot/elf.h"
#include "../../ports/aarch64-parallels/memlayout.h"

#define REQUIRE(cond) ((cond) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static elf_image_t image;
    if (elf_check(data, size, &image) != NULL) {
        return 0;
    }
    REQUIRE(image.count > 0 && image.count <= ELF_MAX_SEGMENTS &&
            image.span <= ELF_MAX_SPAN + PAGE_SIZE);
    uint64_t at = KERNEL_BASE;
    for (size_t i = 0; i < image.count; i++) {
        const elf_segment_t *s = &image.segments[i];
        REQUIRE(s->vaddr >= at && s->vaddr % PAGE_SIZE == 0 && s->filesz <= s->memsz);
        REQUIRE(s->filesz == 0 || (s->offset <= size && s->filesz <= size - s->offset));
        REQUIRE((s->flags & (ELF_PF_W | ELF_PF_X)) != (ELF_PF_W | ELF_PF_X));
        at = s->vaddr + s->memsz;
        REQUIRE(at - KERNEL_BASE <= image.span);
    }
    REQUIRE(image.entry >= KERNEL_BASE && image.entry - KERNEL_BASE < image.span);
    return 0;
}
