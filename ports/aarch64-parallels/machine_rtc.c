// SPDX-License-Identifier: MIT
// machine.RTC: the wall clock that the firmware was handed, carried on by the counter.  There is no RTC device on
// Parallels; setting the time here lasts until the next reset.

#include "py/mphal.h"
#include "py/runtime.h"

#include "extmod/modmachine.h"
#include "shared/timeutils/timeutils.h"

#define YEAR_MAX 2553 // nanoseconds since 1970 fit 64 bits

static const mp_obj_base_t rtc_obj = {&machine_rtc_type};

static mp_obj_t rtc_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                             const mp_obj_t *args) {
    (void)type;
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    return MP_OBJ_FROM_PTR(&rtc_obj);
}

// datetime([(year, month, day, weekday, hour, minute, second, subsecond)]); subsecond in microseconds.
static mp_obj_t rtc_datetime(size_t n_args, const mp_obj_t *args) {
    timeutils_struct_time_t tm;
    if (n_args == 1) {
        uint64_t ns = mp_hal_time_ns();
        timeutils_seconds_since_epoch_to_struct_time(ns / 1000000000, &tm);
        mp_obj_t tuple[8] = {
            mp_obj_new_int(tm.tm_year), mp_obj_new_int(tm.tm_mon),
            mp_obj_new_int(tm.tm_mday), mp_obj_new_int(tm.tm_wday),
            mp_obj_new_int(tm.tm_hour), mp_obj_new_int(tm.tm_min),
            mp_obj_new_int(tm.tm_sec),  mp_obj_new_int(ns % 1000000000 / 1000),
        };
        return mp_obj_new_tuple(8, tuple);
    }
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(args[1], 8, &items);
    mp_int_t year = mp_obj_get_int(items[0]), month = mp_obj_get_int(items[1]),
             day = mp_obj_get_int(items[2]);
    mp_int_t hour = mp_obj_get_int(items[4]), minute = mp_obj_get_int(items[5]),
             second = mp_obj_get_int(items[6]);
    mp_int_t us = mp_obj_get_int(items[7]);
    if (year < 2000 || year > YEAR_MAX || month < 1 || month > 12 || day < 1 ||
        day > (mp_int_t)timeutils_days_in_month(year, month) || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 59 || us < 0 || us > 999999) {
        mp_raise_ValueError(MP_ERROR_TEXT("not a date and time from 2000 to 2553"));
    }
    port_time_set(timeutils_seconds_since_epoch(year, month, day, hour, minute, second),
                  (uint32_t)us);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(rtc_datetime_obj, 1, 2, rtc_datetime);

static const mp_rom_map_elem_t rtc_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_datetime), MP_ROM_PTR(&rtc_datetime_obj)},
};
static MP_DEFINE_CONST_DICT(rtc_locals, rtc_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    machine_rtc_type,
    MP_QSTR_RTC,
    MP_TYPE_FLAG_NONE,
    make_new, rtc_make_new,
    locals_dict, &rtc_locals
    );
