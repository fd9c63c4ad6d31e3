// SPDX-License-Identifier: MIT
// SMBIOS type 1 (system information).  Pure: compiles, is tested and is fuzzed on the host.

#ifndef PYRALLAX_BOOT_SMBIOS_H
#define PYRALLAX_BOOT_SMBIOS_H

#include "hwconfig.h"
#include "win.h"

// Fills hw->vendor, product, uuid and smbios from the entry point (_SM3_ or _SM_) at phys.
// Returns 0, or -1 after a line with the reason.
int smbios_read(const physmem_t *mem, uint64_t phys, hw_config_t *hw);

#endif
