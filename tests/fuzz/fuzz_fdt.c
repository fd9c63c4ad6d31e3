// SPDX-License-Identifier: MIT
// sources: ports/aarch64-parallels/fdt.c
// Input: the tree.
#include <stdlib.h>
#include <string.h>

#include "../../ports/aarch64-parallels/fdt.h"

#define REQUIRE(cond) ((cond) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static hw_config_t hw;
    if (size < 40) {
        return 0;
    }
    memset(&hw, 0, sizeof(hw));
    uint64_t *copy = malloc(size); // exact size, and aligned as the entry contract wants it
    memcpy(copy, data, size);
    if (fdt_size(copy) != 0 && fdt_size(copy) <= size) {
        fdt_read(copy, fdt_size(copy), &hw);
    }
    fdt_read(copy, size, &hw);
    free(copy);
    REQUIRE(hw.mem_count <= HW_MAX_MEM && hw.cpu_listed <= HW_MAX_CPUS);
    REQUIRE(hw.gicr_count <= HW_MAX_GICR && hw.v2m_count <= HW_MAX_V2M);
    REQUIRE(hw.its_count <= HW_MAX_ITS && hw.ecam_count <= HW_MAX_ECAM);
    REQUIRE(memchr(hw.cmdline, 0, sizeof(hw.cmdline)) != NULL);
    REQUIRE(memchr(hw.vendor, 0, sizeof(hw.vendor)) != NULL);
    REQUIRE(memchr(hw.product, 0, sizeof(hw.product)) != NULL);
    return 0;
}
