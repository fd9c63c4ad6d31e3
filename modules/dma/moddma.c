// SPDX-License-Identifier: MIT
// dma: memory that hardware may address.  A Buffer lives in the DMA pool, outside the collected heap, until free():
// the owner keeps it as long as hardware holds its address.

#include "dma.h"

#include <string.h>

#include "io.h"
#include "klog.h"
#include "mem.h"
#include "memlayout.h"
#include "memrange.h"
#include "mmu.h"
#include "postmortem.h"
#include "py/binary.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "softreset.h"

#define UNIT 64 // one cache line: the smallest piece
#define BUFFERS_MAX 4096
// Around each buffer: a unit before it, and from its last byte to the end of the unit behind it.
#define GUARDS 2
#define GUARD_SEED 0x9e3779b97f4a7c15ull

typedef struct {
    mp_obj_base_t base;
    qstr name;
    uint8_t *data; // NULL after free()
    size_t size;
    mp_obj_t lender; // of borrow(): whose memory it is; else MP_OBJ_NULL
} buffer_t;

// Allocated pieces with their guards, in units of the pool, ascending.  The table is the pool's own beginning.
typedef struct {
    uint32_t start, len;
    uint32_t size; // of the buffer, bytes
    uint32_t name; // a qstr
} piece_t;

#define TABLE_UNITS (BUFFERS_MAX * sizeof(piece_t) / UNIT)

static piece_t *pieces; // set by the first take()
static uint32_t piece_count;
static uint32_t peak;
static uint32_t broken_freed; // found by free() since the last soft reset

static bool keep;

void dma_keep(void) {
    keep = true;
}

// Drivers stopped their devices before this runs.
static void dma_reset(void) {
    keep |= !dma_stop_devices();
    broken_freed = 0;
    piece_count = keep ? piece_count : 0;
    for (uint32_t i = 0; i < piece_count; i++) {
        pieces[i].name = MP_QSTR_; // the strings are gone
    }
    keep = false;
}
SOFTRESET(dma_reset);

// The byte that belongs at p: no two neighbours alike, none of them what memory is cleared to.
static uint8_t canary(const uint8_t *p) {
    return (uint8_t)((uintptr_t)p * GUARD_SEED >> 56) | 1;
}

static uint8_t *data_of(const piece_t *piece) {
    return mem_dma + ((size_t)piece->start + 1) * UNIT;
}

static uint8_t *end_of(const piece_t *piece) {
    return mem_dma + ((size_t)piece->start + piece->len) * UNIT;
}

static void guard(const piece_t *piece) {
    for (uint8_t *p = data_of(piece) - UNIT; p < data_of(piece); p++) {
        *p = canary(p);
    }
    for (uint8_t *p = data_of(piece) + piece->size; p < end_of(piece); p++) {
        *p = canary(p);
    }
}

// Offset from the buffer's start of the first byte that is not as guard() left it, in *at.
static bool broken(const piece_t *piece, int64_t *at) {
    const uint8_t *data = data_of(piece);
    for (const uint8_t *p = data - UNIT; p < end_of(piece); p++) {
        if (p == data) {
            p += piece->size;
        }
        if (*p != canary(p)) {
            *at = p - data;
            return true;
        }
    }
    return false;
}

// Interrupts masked, as in give_back: hard handlers free buffers, too.
static uint8_t *take(size_t size, size_t align, qstr name) {
    uint64_t need = (size + UNIT - 1) / UNIT, step = align / UNIT, at = TABLE_UNITS;
    uint64_t base = (uintptr_t)mem_dma / UNIT; // alignment counts from address 0
    pieces = (piece_t *)mem_dma;
    uint32_t i = 0;
    for (;; i++) {
        at = (base + at + 1 + step - 1) / step * step - base; // behind a guard
        uint64_t end = i < piece_count ? pieces[i].start : mem_dma_size / UNIT;
        if (at + need + 1 <= end) {
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
    pieces[i] =
        (piece_t) {(uint32_t)at - 1, (uint32_t)need + GUARDS, (uint32_t)size, (uint32_t)name};
    guard(&pieces[i]);
    piece_count++;
    peak = piece_count > peak ? piece_count : peak;
    return mem_dma + at * UNIT;
}

static void give_back(const uint8_t *p) {
    uint32_t start = (uint32_t)((size_t)(p - mem_dma) / UNIT) - 1;
    for (uint32_t i = 0; i < piece_count; i++) {
        if (pieces[i].start == start) {
            int64_t at;
            if (broken(&pieces[i], &at)) {
                broken_freed++;
                klog(KLOG_WARN, "dma: buffer %s of %u bytes at 0x%lx: guard broken at %d",
                     qstr_str(pieces[i].name), (unsigned)pieces[i].size, (unsigned long)mmu_phys(p),
                     (int)at);
            }
            piece_count--;
            memmove(&pieces[i], &pieces[i + 1], (piece_count - i) * sizeof(pieces[0]));
            return;
        }
    }
}

static const mp_obj_type_t buffer_type;

// alloc(size, align=64, name="") -> Buffer, cleared.  Raises OSError(ENOMEM).
static mp_obj_t dma_alloc(size_t n_args, const mp_obj_t *args) {
    postmortem_check_write();
    mp_int_t size = mp_obj_get_int(args[0]), align = n_args > 1 ? mp_obj_get_int(args[1]) : UNIT;
    qstr name = n_args > 2 ? mp_obj_str_get_qstr(args[2]) : MP_QSTR_;
    if (size <= 0 || align < 1 || (align & (align - 1)) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("size from 1, alignment a power of two"));
    }
    return dma_new((size_t)size, (size_t)align, name);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(dma_alloc_obj, 1, 3, dma_alloc);

mp_obj_t dma_new(size_t size, size_t align, qstr name) {
    if (align < UNIT) {
        align = UNIT;
    }
    if (align > 2 * 1024 * 1024 || size > mem_dma_size) {
        mp_raise_OSError(MP_ENOMEM);
    }
    buffer_t *self = mp_obj_malloc(buffer_t, &buffer_type);
    self->name = name;
    self->lender = MP_OBJ_NULL;
    uint64_t state = irq_save();
    self->data = take(size, align, name);
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
    uint64_t used = 0, table = TABLE_UNITS * UNIT;
    for (uint32_t i = 0; i < piece_count; i++) {
        used += (uint64_t)(pieces[i].len - GUARDS) * UNIT;
    }
    mp_obj_t items[4] = {
        MP_OBJ_NEW_SMALL_INT(piece_count),
        MP_OBJ_NEW_SMALL_INT(used),
        MP_OBJ_NEW_SMALL_INT(mem_dma_size > table ? mem_dma_size - table : 0),
        MP_OBJ_NEW_SMALL_INT(peak),
    };
    return mp_obj_new_tuple(4, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(dma_stats_obj, dma_stats);

// broken() -> [(name, physical address, size, offset), ...]: buffers whose guards were overwritten; offset of the first
// such byte from the buffer's start, below 0 or from size on.
static mp_obj_t dma_broken(void) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    int64_t at;
    for (uint32_t i = 0; i < piece_count; i++) {
        if (broken(&pieces[i], &at)) {
            mp_obj_t items[4] = {
                MP_OBJ_NEW_QSTR(pieces[i].name),
                mp_obj_new_int_from_uint(mmu_phys(data_of(&pieces[i]))),
                MP_OBJ_NEW_SMALL_INT(pieces[i].size),
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
    uint32_t n = broken_freed;
    int64_t at;
    for (uint32_t i = 0; i < piece_count; i++) {
        n += broken(&pieces[i], &at);
    }
    return MP_OBJ_NEW_SMALL_INT(n);
}
static MP_DEFINE_CONST_FUN_OBJ_0(dma_check_obj, dma_check);

static mp_obj_t buffer_free(mp_obj_t self_in) {
    buffer_t *self = MP_OBJ_TO_PTR(self_in);
    uint64_t state = irq_save();
    if (self->data != NULL) {
        if (self->lender == MP_OBJ_NULL) {
            give_back(self->data);
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
