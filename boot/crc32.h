// SPDX-License-Identifier: MIT
// CRC-32 in pieces.  The whole-buffer forms are in hwconfig.h.

#ifndef PYRALLAX_BOOT_CRC32_H
#define PYRALLAX_BOOT_CRC32_H

#include <stddef.h>
#include <stdint.h>

// crc: 0 for the first piece, else what the piece before returned.
uint32_t hw_crc32_update(uint32_t crc, const void *buf, size_t len);

#endif
