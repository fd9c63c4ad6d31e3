// SPDX-License-Identifier: MIT
// dma: memory that hardware may address.  A Buffer lives in the DMA pool, outside the collected heap, until free():
// the owner keeps it as long as hardware holds its address.

#include <string.h>

#include "mem.h"
#include "mmu.h"
#include "postmortem.h"
#include "py/binary.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "softreset.h"

#define UNIT 64 // one cache line: the smallest piece
#define BUFFERS_MAX 4096

typedef struct {
    mp_obj_base_t base;
    uint8_t *data; // NULL after free()
    size_t size;
} buffer_t;

// Allocated pieces in units of the pool, ascending.
static struct {
    uint32_t start, len;
} pieces[BUFFERS_MAX];
static uint32_t piece_count;
static uint32_t peak;

static void dma_reset(void) {
    piece_count = 0; // drivers stopped their devices before this runs
}
SOFTRESET(dma_reset);

static uint8_t *take(size_t size, size_t align) {
    uint64_t need = (size + UNIT - 1) / UNIT, step = align / UNIT, at = 0;
    uint64_t base = (uintptr_t)mem_dma / UNIT; // alignment counts from address 0
    uint32_t i = 0;
    for (;; i++) {
        at = (base + at + step - 1) / step * step - base;
        uint64_t end = i < piece_count ? pieces[i].start : mem_dma_size / UNIT;
        if (at + need <= end) {
            break;
        }
        if (i == piece_count) {
            return NULL;
        }
        at = (uint64_t)pieces[i].start + pieces[i].len;
    }
    if (piece_count == BUFFERS_MAX) {
        return NULL;
    }
    memmove(&pieces[i + 1], &pieces[i], (piece_count - i) * sizeof(pieces[0]));
    pieces[i].start = (uint32_t)at;
    pieces[i].len = (uint32_t)need;
    piece_count++;
    peak = piece_count > peak ? piece_count : peak;
    return mem_dma + at * UNIT;
}

static void give_back(const uint8_t *p) {
    uint32_t start = (uint32_t)((size_t)(p - mem_dma) / UNIT);
    for (uint32_t i = 0; i < piece_count; i++) {
        if (pieces[i].start == start) {
            piece_count--;
            memmove(&pieces[i], &pieces[i + 1], (piece_count - i) * sizeof(pieces[0]));
            return;
        }
    }
}

static const mp_obj_type_t buffer_type;

// alloc(size, align=64) -> Buffer, cleared.  Raises OSError(ENOMEM).
static mp_obj_t dma_alloc(size_t n_args, const mp_obj_t *args) {
    postmortem_check_write();
    mp_int_t size = mp_obj_get_int(args[0]), align = n_args > 1 ? mp_obj_get_int(args[1]) : UNIT;
    if (size <= 0 || align < 1 || (align & (align - 1)) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("size from 1, alignment a power of two"));
    }
    if (align < UNIT) {
        align = UNIT;
    }
    if (align > 2 * 1024 * 1024 || (size_t)size > mem_dma_size) {
        mp_raise_OSError(MP_ENOMEM);
    }
    buffer_t *self = mp_obj_malloc(buffer_t, &buffer_type);
    self->data = take(size, align);
    if (self->data == NULL) {
        mp_raise_OSError(MP_ENOMEM);
    }
    self->size = size;
    memset(self->data, 0, size);
    return MP_OBJ_FROM_PTR(self);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(dma_alloc_obj, 1, 2, dma_alloc);

// stats() -> (buffers, bytes used, bytes in the pool, most buffers at once)
static mp_obj_t dma_stats(void) {
    uint64_t used = 0;
    for (uint32_t i = 0; i < piece_count; i++) {
        used += (uint64_t)pieces[i].len * UNIT;
    }
    mp_obj_t items[4] = {
        MP_OBJ_NEW_SMALL_INT(piece_count),
        MP_OBJ_NEW_SMALL_INT(used),
        MP_OBJ_NEW_SMALL_INT(mem_dma_size),
        MP_OBJ_NEW_SMALL_INT(peak),
    };
    return mp_obj_new_tuple(4, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(dma_stats_obj, dma_stats);

static mp_obj_t buffer_free(mp_obj_t self_in) {
    buffer_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->data != NULL) {
        give_back(self->data);
        self->data = NULL;
        self->size = 0;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(buffer_free_obj, buffer_free);

static mp_obj_t buffer_exit(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    return buffer_free(args[0]);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(buffer_exit_obj, 4, 4, buffer_exit);

static void buffer_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    buffer_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (attr == MP_QSTR_phys) {
        dest[0] =
            self->data == NULL ? mp_const_none : mp_obj_new_int_from_uint(mmu_phys(self->data));
    } else {
        dest[1] = MP_OBJ_SENTINEL; // look in the locals
    }
}

static mp_int_t buffer_get(mp_obj_t self_in, mp_buffer_info_t *info, mp_uint_t flags) {
    (void)flags;
    buffer_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->data == NULL) {
        return 1;
    }
    info->buf = self->data;
    info->len = self->size;
    info->typecode = 'B';
    return 0;
}

static void buffer_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    buffer_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "<dma.Buffer 0x%lx, %u bytes>", (unsigned long)self->data,
              (unsigned)self->size);
}

static const mp_rom_map_elem_t buffer_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_free), MP_ROM_PTR(&buffer_free_obj)},
    {MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&mp_identity_obj)},
    {MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&buffer_exit_obj)},
};
static MP_DEFINE_CONST_DICT(buffer_locals, buffer_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    buffer_type,
    MP_QSTR_Buffer,
    MP_TYPE_FLAG_NONE,
    print, buffer_print,
    attr, buffer_attr,
    buffer, buffer_get,
    locals_dict, &buffer_locals
    );

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_dma)},
    {MP_ROM_QSTR(MP_QSTR_alloc), MP_ROM_PTR(&dma_alloc_obj)},
    {MP_ROM_QSTR(MP_QSTR_stats), MP_ROM_PTR(&dma_stats_obj)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_dma = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_dma, mod_dma);
