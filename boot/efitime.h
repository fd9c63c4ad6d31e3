// SPDX-License-Identifier: MIT
// EFI_TIME as seconds since 1970-01-01 UTC.  Pure.

#ifndef PYRALLAX_BOOT_EFITIME_H
#define PYRALLAX_BOOT_EFITIME_H

#include <stdint.h>

typedef struct { // UEFI 2.10 §8.3
    uint16_t year;
    uint8_t month;
    uint8_t day;
    uint8_t hour;
    uint8_t minute;
    uint8_t second;
    uint8_t pad1;
    uint32_t nanosecond;
    int16_t time_zone; // minutes: UTC = local time + time_zone; 0x7ff: unspecified, taken as UTC
    uint8_t daylight;
    uint8_t pad2;
} efi_time_t;

// 0 when a field is out of range.
uint64_t efitime_epoch_s(const efi_time_t *t);

#endif
