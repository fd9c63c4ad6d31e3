// SPDX-License-Identifier: MIT
// Arguments of work, checked before another CPU sees them.

#include "job.h"
#include "mem.h"
#include "memrange.h"
#include "py/mperrno.h"
#include "py/runtime.h"

void leaf_arity(const leaf_t *leaf, size_t n, size_t least, size_t most) {
    if (n < least || n > most) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("%q takes %s"), (qstr)leaf->name,
                          leaf->usage);
    }
}

uint64_t leaf_count_arg(size_t n, const mp_obj_t *args, size_t i, uint64_t least,
                        uint64_t otherwise) {
    if (i >= n) {
        return otherwise;
    }
    mp_int_t v = mp_obj_get_int(args[i]);
    if (v < 0 || (uint64_t)v < least) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("argument counts from %u"),
                          (unsigned)least);
    }
    return (uint64_t)v;
}

static bool in_dma_pool(uint64_t addr, uint64_t size) {
    return addr >= (uint64_t)mem_dma && addr - (uint64_t)mem_dma + size <= mem_dma_size;
}

void leaf_range(job_t *job, unsigned at, mp_obj_t where, mp_obj_t n, int claim) {
    uint64_t addr;
    mp_int_t size = n == MP_OBJ_NULL || n == mp_const_none ? -1 : mp_obj_get_int(n);
    if (n != MP_OBJ_NULL && n != mp_const_none && size < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("length counts from 0"));
    }
    if (mp_obj_is_int(where)) {
        addr = (uint64_t)mp_obj_get_int_truncated(where);
        if (size < 0) {
            mp_raise_TypeError(MP_ERROR_TEXT("an address needs a length"));
        }
        if (!memrange_is_ram(addr, (uint64_t)size)) {
            mp_raise_ValueError(MP_ERROR_TEXT("not RAM"));
        }
        // Free RAM that a job writes is taken until it ends: the heap could grow into it.
        if (claim >= 0 && size != 0 && !in_dma_pool(addr, (uint64_t)size)) {
            if (!mem_claim(addr, (uint64_t)size)) {
                mp_raise_OSError(MP_EPERM);
            }
            job->claims[claim].base = addr & ~(uint64_t)0xfff;
            job->claims[claim].size = (addr & 0xfff) + (uint64_t)size;
        }
    } else {
        mp_buffer_info_t info;
        mp_get_buffer_raise(where, &info, claim >= 0 ? MP_BUFFER_RW : MP_BUFFER_READ);
        if (size > (mp_int_t)info.len) {
            mp_raise_ValueError(MP_ERROR_TEXT("longer than the buffer"));
        }
        addr = (uint64_t)info.buf;
        size = size < 0 ? (mp_int_t)info.len : size;
        if (!memrange_is_normal(addr, (uint64_t)size)) {
            mp_raise_ValueError(MP_ERROR_TEXT("not RAM"));
        }
    }
    job->work.args[at] = addr;
    job->work.args[at + 1] = (uint64_t)size;
}
