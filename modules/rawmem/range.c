// SPDX-License-Identifier: MIT
// Checks of an address range, before anything is touched.

#include "range.h"

#include "memrange.h"
#include "py/mperrno.h"
#include "py/runtime.h"

static unsigned element(mp_int_t width) {
    if (width != 0 && width != 8 && width != 16 && width != 32 && width != 64) {
        mp_raise_ValueError(MP_ERROR_TEXT("width is 8, 16, 32 or 64"));
    }
    return (unsigned)width / 8;
}

uintptr_t range_address(mp_obj_t where) {
    uint64_t addr = (uint64_t)mp_obj_get_int_truncated(where);
    if (!mp_obj_equal(where, mp_obj_new_int_from_ull(addr))) {
        mp_raise_ValueError(MP_ERROR_TEXT("an address has 64 bits and no sign"));
    }
    return addr;
}

range_t range_get(mp_obj_t where, mp_obj_t n, mp_int_t width, int access) {
    range_t r = {.bytes = element(width)};
    mp_int_t size = n == mp_const_none ? -1 : mp_obj_get_int(n);
    if (n != mp_const_none && size < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("length counts from 0"));
    }
    if (mp_obj_is_int(where)) {
        if (size < 0) {
            mp_raise_TypeError(MP_ERROR_TEXT("an address needs a length"));
        }
        r.addr = range_address(where);
        r.size = (size_t)size;
        if (r.addr + r.size < r.addr) {
            mp_raise_ValueError(MP_ERROR_TEXT("range wraps around"));
        }
        r.normal = memrange_is_normal(r.addr, r.size);
        if (access == RANGE_WRITE && !memrange_may_write(r.addr, r.size)) {
            mp_raise_OSError(MP_EPERM);
        }
    } else {
        mp_buffer_info_t info;
        mp_get_buffer_raise(where, &info, access == RANGE_READ ? MP_BUFFER_READ : MP_BUFFER_RW);
        if (size > (mp_int_t)info.len) {
            mp_raise_ValueError(MP_ERROR_TEXT("longer than the buffer"));
        }
        r.addr = (uintptr_t)info.buf;
        r.size = size < 0 ? info.len : (size_t)size;
        r.normal = memrange_is_normal(r.addr, r.size); // uctypes makes buffers of devices, too
    }
    if (r.bytes > 1 && ((r.addr | r.size) & (r.bytes - 1)) != 0) {
        mp_raise_msg_varg(&mp_type_ValueError,
                          MP_ERROR_TEXT("0x%lx, %lu bytes: not aligned to %u bytes"), r.addr,
                          r.size, r.bytes);
    }
    return r;
}

mp_obj_t range_memtest_result(memtest_end_t end, const memtest_bad_t *bad) {
    static const uint16_t parts[] = {[MEMTEST_PATTERN] = MP_QSTR_pattern,
                                     [MEMTEST_ADDRESS] = MP_QSTR_address,
                                     [MEMTEST_MARCH] = MP_QSTR_march};
    if (end == MEMTEST_PASSED) {
        return mp_const_none;
    }
    mp_obj_t items[4] = {mp_obj_new_int_from_uint(bad->addr), mp_obj_new_int_from_uint(bad->wrote),
                         mp_obj_new_int_from_uint(bad->read), MP_OBJ_NEW_QSTR(parts[end])};
    return mp_obj_new_tuple(4, items);
}
