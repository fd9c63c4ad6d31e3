// SPDX-License-Identifier: MIT
// sources: boot/efitime.c
#include <time.h>

#include "../../boot/efitime.h"
#include "check.h"

TEST(every_day_of_140_years) {
    for (time_t t = 12345; t < (time_t)140 * 366 * 86400; t += 86400 - 61) {
        struct tm tm;
        gmtime_r(&t, &tm);
        efi_time_t e = {.year = (uint16_t)(tm.tm_year + 1900),
                        .month = (uint8_t)(tm.tm_mon + 1),
                        .day = (uint8_t)tm.tm_mday,
                        .hour = (uint8_t)tm.tm_hour,
                        .minute = (uint8_t)tm.tm_min,
                        .second = (uint8_t)tm.tm_sec,
                        .time_zone = 0x7ff};
        CHECK_EQ(efitime_epoch_s(&e), t);
    }
}

TEST(time_zone) {
    efi_time_t e = {
        .year = 2026, .month = 1, .day = 1, .time_zone = -60}; // one hour east of Greenwich
    CHECK_EQ(efitime_epoch_s(&e), 1767225600 - 3600);
}

TEST(nonsense) {
    efi_time_t zero = {0};
    CHECK_EQ(efitime_epoch_s(&zero), 0);
    efi_time_t e = {.year = 2026, .month = 13, .day = 1};
    CHECK_EQ(efitime_epoch_s(&e), 0);
    memset(&e, 0xff, sizeof(e));
    CHECK_EQ(efitime_epoch_s(&e), 0);
}
