// SPDX-License-Identifier: MIT
// The firmware image and its command line, from the volume the shim was started from.

#include "cmdline.h"
#include "log.h"
#include "shim.h"

#include "../ports/aarch64-parallels/memlayout.h"

#define FIRMWARE_PATH u"\\pyrallax\\firmware.elf"
#define CMDLINE_PATH u"\\pyrallax\\cmdline.txt"
#define CMDLINE_MAX_FILE 65536
#define IMAGE_ALIGN 65536

static const efi_guid_t fs_guid = {
    0x964e5b22, 0x6459, 0x11d2, {0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};

// Whole file in fresh pages.  *reason is set when the status alone would not say it.
static efi_status_t read_file(shim_t *shim, efi_file_t *root, const efi_char_t *path, uint64_t max,
                              uint64_t *data, size_t *len, const char **reason) {
    efi_file_t *file = NULL;
    uint64_t size = 0;
    *reason = NULL;
    efi_status_t status = root->open(root, &file, path, EFI_FILE_READ, 0);
    if (status != EFI_SUCCESS) {
        return status;
    }
    status = file->set_position(file, EFI_FILE_END);
    if (status == EFI_SUCCESS) {
        status = file->get_position(file, &size);
    }
    if (status == EFI_SUCCESS) {
        status = file->set_position(file, 0);
    }
    if (status == EFI_SUCCESS && size > max) {
        *reason = "file-too-large";
        status = EFI_LOAD_ERROR;
    }
    if (status == EFI_SUCCESS) {
        *data = shim_pages(shim, EFI_LOADER_DATA, size + 1, SHIM_PAGE); // 0 bytes too get a page
        *len = (size_t)size;
        status =
            *data == 0 ? EFI_OUT_OF_RESOURCES : file->read(file, len, (void *)(uintptr_t)*data);
    }
    if (status == EFI_SUCCESS && *len != size) {
        *reason = "short-read";
        status = EFI_LOAD_ERROR;
    }
    file->close(file);
    return status;
}

// Segments to one contiguous span: the gaps, the bss and the stacks are zero.
static efi_status_t place(shim_t *shim, const void *file) {
    const elf_image_t *image = &shim->image;
    uint64_t phys = shim_pages(shim, EFI_LOADER_CODE, image->span, IMAGE_ALIGN);
    if (phys == 0) {
        return shim_fail(shim, "place-firmware", EFI_OUT_OF_RESOURCES, NULL);
    }
    shim->bs->set_mem((void *)(uintptr_t)phys, (size_t)image->span, 0);
    for (size_t i = 0; i < image->count; i++) {
        const elf_segment_t *s = &image->segments[i];
        uint64_t to = phys + (s->vaddr - KERNEL_BASE);
        LOG("segment", log_hex("vaddr", s->vaddr), log_hex("phys", to), log_hex("memsz", s->memsz),
            log_hex("filesz", s->filesz), log_hex("flags", s->flags));
        if (s->filesz > 0) {
            shim->bs->copy_mem((void *)(uintptr_t)to, (const uint8_t *)file + s->offset,
                               (size_t)s->filesz);
        }
    }
    shim->hw->image_phys = phys;
    shim->hw->image_size = image->span;
    __builtin_memcpy(shim->hw->build_id, image->build_id, sizeof(image->build_id));
    shim_keep(shim, phys, image->span, HW_MEM_IMAGE, EFI_LOADER_CODE);
    return EFI_SUCCESS;
}

static void log_image(const shim_t *shim, size_t len) {
    char id[41];
    for (size_t i = 0; i < 20; i++) {
        id[2 * i] = "0123456789abcdef"[shim->image.build_id[i] >> 4];
        id[2 * i + 1] = "0123456789abcdef"[shim->image.build_id[i] & 15];
    }
    id[40] = '\0';
    LOG("firmware", log_dec("len", len), log_hex("crc", shim->image.crc), log_word("build_id", id),
        log_hex("phys", shim->hw->image_phys), log_hex("size", shim->hw->image_size),
        log_hex("entry", shim->image.entry));
}

static void command_line(shim_t *shim, efi_file_t *root) {
    uint64_t text = 0;
    size_t len = 0;
    const char *reason;
    efi_status_t status =
        read_file(shim, root, CMDLINE_PATH, CMDLINE_MAX_FILE, &text, &len, &reason);
    if (status == EFI_SUCCESS) {
        cmdline_add_text(shim->hw, "file", (const void *)(uintptr_t)text, len);
    } else if (status != EFI_NOT_FOUND) {
        LOG("cmdline-odd", log_word("source", "file"),
            log_word("refused", reason != NULL ? reason : shim_status_name(status)));
    }
    if (shim->loaded->options != NULL) {
        cmdline_add_ucs2(shim->hw, "options", shim->loaded->options, shim->loaded->options_size);
    }
    LOG("cmdline", log_text("text", shim->hw->cmdline, 180));
}

efi_status_t shim_load(shim_t *shim) {
    efi_file_system_t *fs = NULL;
    efi_file_t *root = NULL;
    efi_status_t status = shim->bs->handle_protocol(shim->loaded->device, &fs_guid, &fs);
    if (status == EFI_SUCCESS) {
        status = fs->open_volume(fs, &root);
    }
    if (status != EFI_SUCCESS) {
        return shim_fail(shim, "open-volume", status, NULL);
    }
    command_line(shim, root);

    uint64_t file = 0;
    size_t len = 0;
    const char *reason;
    status = read_file(shim, root, FIRMWARE_PATH, ELF_MAX_FILE, &file, &len, &reason);
    root->close(root);
    if (status != EFI_SUCCESS) {
        return shim_fail(shim, "read-firmware", status, reason);
    }
    reason = elf_check((const void *)(uintptr_t)file, len, &shim->image);
    if (reason != NULL) {
        return shim_fail(shim, "check-firmware", EFI_LOAD_ERROR, reason);
    }
    status = place(shim, (const void *)(uintptr_t)file);
    if (status == EFI_SUCCESS) {
        log_image(shim, len);
        shim_stamp(shim, HW_STAGE_IMAGE_LOADED);
    }
    return status;
}
