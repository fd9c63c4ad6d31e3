// SPDX-License-Identifier: MIT
// Time stamps of FAT file systems (lib/oofatfs), local time being UTC.

#include "py/mphal.h"

#include "lib/oofatfs/ff.h"
#include "shared/timeutils/timeutils.h"

DWORD get_fattime(void) {
    timeutils_struct_time_t tm;
    timeutils_seconds_since_epoch_to_struct_time(mp_hal_time_ns() / 1000000000, &tm);
    if (tm.tm_year < 1980) {
        return (1 << 21) | (1 << 16); // FAT's first day
    }
    return (DWORD)(tm.tm_year - 1980) << 25 | (DWORD)tm.tm_mon << 21 | (DWORD)tm.tm_mday << 16 |
           (DWORD)tm.tm_hour << 11 | (DWORD)tm.tm_min << 5 | tm.tm_sec / 2;
}
