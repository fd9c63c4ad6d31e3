// SPDX-License-Identifier: MIT
// dma: memory that hardware may address.  A Buffer lives in the DMA pool, outside the collected heap, until free():
// the owner keeps it as long as hardware holds its address.

#include "dma.h"

#include <string.h>

#include "io.h"
#include "mem.h"
#include "memlayout.h"
#include "memrange.h"
#include "mmu.h"
#include "pool.h"
#include "postmortem.h"
#include "py/binary.h"
#include "py/mperrno.h"
#include "py/runtime.h"

typedef struct {
    mp_obj_base_t base;
    qstr name;
    uint8_t *data; // NULL after free()
    size_t size;
    mp_obj_t lender; // of borrow(): whose memory it is; else MP_OBJ_NULL
} buffer_t;

static const mp_obj_type_t buffer_type;

// alloc(size, align=64, name="") -> Buffer, cleared.  Raises OSError(ENOMEM).
static mp_obj_t dma_alloc(size_t n_args, const mp_obj_t *args) {
    postmortem_check_write();
    mp_int_t size = mp_obj_get_int(args[0]),
             align = n_args > 1 ? mp_obj_get_int(args[1]) : DMA_UNIT;
    qstr name = n_args > 2 ? mp_obj_str_get_qstr(args[2]) : MP_QSTR_;
    if (size <= 0 || align < 1 || (align & (align - 1)) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("size from 1, alignment a power of two"));
    }
    return dma_new((size_t)size, (size_t)align, name);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(dma_alloc_obj, 1, 3, dma_alloc);

mp_obj_t dma_new(size_t size, size_t align, qstr name) {
    if (align < DMA_UNIT) {
        align = DMA_UNIT;
    }
    if (align > 2 * 1024 * 1024 || size > mem_dma_size) {
        mp_raise_OSError(MP_ENOMEM);
    }
    buffer_t *self = mp_obj_malloc(buffer_t, &buffer_type);
    self->name = name;
    self->lender = MP_OBJ_NULL;
    uint64_t state = irq_save();
    self->data = dma_take(size, align, name);
    irq_restore(state);
    if (self->data == NULL) {
        mp_raise_OSError(MP_ENOMEM);
    }
    self->size = size;
    memset(self->data, 0, size);
    return MP_OBJ_FROM_PTR(self);
}

// borrow(buf, write=True, wide=True) -> Buffer that is buf's own memory, or None where hardware does not get there: not
// in one piece, or above 4 GiB and not wide.  write: hardware is to write to it.
static mp_obj_t dma_borrow(size_t n_args, const mp_obj_t *args) {
    bool write = n_args < 2 || mp_obj_is_true(args[1]),
         wide = n_args < 3 || mp_obj_is_true(args[2]);
    mp_buffer_info_t info;
    mp_get_buffer_raise(args[0], &info, write ? MP_BUFFER_RW : MP_BUFFER_READ);
    uint64_t phys = memrange_fixed((uintptr_t)info.buf, info.len);
    bool image = (uintptr_t)info.buf >= KERNEL_BASE;
    if (info.len == 0 || phys == ~0ull || (write && image) ||
        (!wide && (phys + info.len - 1) >> 32 != 0)) {
        return mp_const_none;
    }
    buffer_t *self = mp_obj_malloc(buffer_t, &buffer_type);
    self->name = MP_QSTR_borrow;
    self->data = info.buf;
    self->size = info.len;
    self->lender = args[0];
    return MP_OBJ_FROM_PTR(self);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(dma_borrow_obj, 1, 3, dma_borrow);

// stats() -> (buffers, bytes used without guards, bytes for them in the pool, most buffers at once)
static mp_obj_t dma_stats(void) {
    dma_pool_t pool = dma_pool();
    uint64_t used = 0;
    for (uint32_t i = 0; i < pool.count; i++) {
        used += (uint64_t)(pool.pieces[i].len - DMA_GUARDS) * DMA_UNIT;
    }
    mp_obj_t items[4] = {
        MP_OBJ_NEW_SMALL_INT(pool.count),
        MP_OBJ_NEW_SMALL_INT(used),
        MP_OBJ_NEW_SMALL_INT(mem_dma_size > pool.table ? mem_dma_size - pool.table : 0),
        MP_OBJ_NEW_SMALL_INT(pool.peak),
    };
    return mp_obj_new_tuple(4, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(dma_stats_obj, dma_stats);

// broken() -> [(name, physical address, size, offset), ...]: buffers whose guards were overwritten; offset of the first
// such byte from the buffer's start, below 0 or from size on.
static mp_obj_t dma_broken(void) {
    dma_pool_t pool = dma_pool();
    mp_obj_t list = mp_obj_new_list(0, NULL);
    int64_t at;
    for (uint32_t i = 0; i < pool.count; i++) {
        const dma_piece_t *piece = &pool.pieces[i];
        if (dma_broken_guard(piece, &at)) {
            mp_obj_t items[4] = {
                MP_OBJ_NEW_QSTR(piece->name),
                mp_obj_new_int_from_uint(mmu_phys(dma_piece_data(piece))),
                MP_OBJ_NEW_SMALL_INT(piece->size),
                MP_OBJ_NEW_SMALL_INT(at),
            };
            mp_obj_list_append(list, mp_obj_new_tuple(4, items));
        }
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(dma_broken_obj, dma_broken);

// check() -> buffers with broken guards: those that are out, and those that free() found since the soft reset.
static mp_obj_t dma_check(void) {
    dma_pool_t pool = dma_pool();
    uint32_t n = pool.broken_freed;
    int64_t at;
    for (uint32_t i = 0; i < pool.count; i++) {
        n += dma_broken_guard(&pool.pieces[i], &at);
    }
    return MP_OBJ_NEW_SMALL_INT(n);
}
static MP_DEFINE_CONST_FUN_OBJ_0(dma_check_obj, dma_check);

static mp_obj_t buffer_free(mp_obj_t self_in) {
    buffer_t *self = MP_OBJ_TO_PTR(self_in);
    uint64_t state = irq_save();
    if (self->data != NULL) {
        if (self->lender == MP_OBJ_NULL) {
            dma_give_back(self->data);
        }
        self->lender = MP_OBJ_NULL;
        self->data = NULL;
        self->size = 0;
    }
    irq_restore(state);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(buffer_free_obj, buffer_free);

void dma_free(mp_obj_t buffer) {
    buffer_free(buffer);
}

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
    if (attr == MP_QSTR_name) {
        dest[0] = MP_OBJ_NEW_QSTR(self->name);
    } else if (attr == MP_QSTR_phys) {
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
    {MP_ROM_QSTR(MP_QSTR_borrow), MP_ROM_PTR(&dma_borrow_obj)},
    {MP_ROM_QSTR(MP_QSTR_stats), MP_ROM_PTR(&dma_stats_obj)},
    {MP_ROM_QSTR(MP_QSTR_check), MP_ROM_PTR(&dma_check_obj)},
    {MP_ROM_QSTR(MP_QSTR_broken), MP_ROM_PTR(&dma_broken_obj)},
    {MP_ROM_QSTR(MP_QSTR_stop_at_reset), MP_ROM_PTR(&dma_stop_at_reset_obj)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_dma = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_dma, mod_dma);
