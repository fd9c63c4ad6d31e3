// SPDX-License-Identifier: MIT
// sources: boot/smbios.c boot/log.c
// Input: physical memory at PHYS_BASE with the entry point at its start.
#include "../../boot/log.h"
#include "../../boot/smbios.h"
#include "../native/physimage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char text[8192];
    static hw_config_t hw;
    static physimage_t image;
    log_init(text, sizeof(text));
    memset(&hw, 0, sizeof(hw));
    image.data = data;
    image.len = size;
    physmem_t mem = {physimage_map, &image};
    smbios_read(&mem, PHYS_BASE, &hw);
    physimage_free(&image);
    if (strlen(hw.vendor) >= HW_NAME_LEN || strlen(hw.product) >= HW_NAME_LEN) {
        abort();
    }
    return 0;
}
