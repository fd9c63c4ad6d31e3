// SPDX-License-Identifier: MIT
#include "efitime.h"

// Days from 1970-01-01 in the Gregorian calendar; the year is taken to start in March.
static int64_t days(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2;
    int64_t month_from_march = (month + 9) % 12;
    int64_t leaps = year / 4 - year / 100 + year / 400;
    return year * 365 + leaps + (month_from_march * 153 + 2) / 5 + day - 1 - 719468;
}

uint64_t efitime_epoch_s(const efi_time_t *t) {
    if (t->year < 1970 || t->year > 9999 || t->month < 1 || t->month > 12 || t->day < 1 ||
        t->day > 31 || t->hour > 23 || t->minute > 59 || t->second > 59) {
        return 0;
    }
    int64_t s =
        days(t->year, t->month, t->day) * 86400 + t->hour * 3600 + t->minute * 60 + t->second;
    if (t->time_zone >= -1440 && t->time_zone <= 1440) {
        s += (int64_t)t->time_zone * 60;
    }
    return s > 0 ? (uint64_t)s : 0;
}
