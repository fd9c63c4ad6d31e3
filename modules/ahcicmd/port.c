// SPDX-License-Identifier: MIT
// Type Port, as Python sees it: the block protocol, attributes.

#include "ahcicmd.h"

#include <stddef.h>
#include <string.h>

#include "io.h"
#include "klog.h"
#include "mmu.h"
#include "postmortem.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "timer.h"

// Memory of a port: command list, received FISes, tables.
#define FIS_AT 1024
#define TABLES_AT 1280
#define MEMORY_BYTES (TABLES_AT + AHCI_SLOTS * sizeof(fis_table_t))
_Static_assert(TABLES_AT % 128 == 0, "alignment of a command table, 4.2.2");

static void *memory_of(mp_obj_t obj, size_t least, size_t *len) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(obj, &info, MP_BUFFER_RW);
    if (info.len < least || ((uintptr_t)info.buf & 1023) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("memory is too small, or not aligned to 1024"));
    }
    if (len != NULL) {
        *len = info.len;
    }
    return info.buf;
}

// Port(hba, regs, number, memory, bounce)
static mp_obj_t port_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                              const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 5, 5, false);
    postmortem_check_write();
    mp_int_t number = mp_obj_get_int(args[2]);
    if (!mp_obj_is_type(args[0], &ahci_hba_type) || !mp_obj_is_type(args[1], &mmio_regs_type) ||
        number < 0 || number >= AHCI_PORTS) {
        mp_raise_ValueError(MP_ERROR_TEXT("a Hba, its port's Regs, 0 to 31"));
    }
    port_t *p = mp_obj_malloc(port_t, &ahci_port_type);
    memset((char *)p + sizeof(p->base), 0, sizeof(*p) - sizeof(p->base));
    p->hba = MP_OBJ_TO_PTR(args[0]);
    p->regs = MP_OBJ_TO_PTR(args[1]);
    p->number = (uint32_t)number;
    p->memory = args[3];
    p->bounce_obj = args[4];
    p->attend = mp_const_none;
    uint8_t *memory = memory_of(args[3], MEMORY_BYTES, NULL);
    p->list = (fis_header_t *)memory;
    p->tables = (fis_table_t *)(memory + TABLES_AT);
    p->bounce = memory_of(args[4], 4096, &p->bounce_len);
    p->timeout_ms = 10000;
    p->block_size = 512;
    for (unsigned i = 0; i < AHCI_SLOTS; i++) {
        slot_t *s = mp_obj_malloc(slot_t, &ahci_slot_type);
        *s = (slot_t) {.base = s->base, .port = p, .index = (uint8_t)i, .obj = mp_const_none};
        p->slots[i] = s;
        uint64_t at = mmu_phys(&p->tables[i]);
        p->list[i] = (fis_header_t) {.table = (uint32_t)at, .table_hi = (uint32_t)(at >> 32)};
    }
    if (!port_running(p, true)) {
        mp_raise_OSError(MP_ENOMEM);
    }
    p->hba->ports[number] = p;
    return MP_OBJ_FROM_PTR(p);
}

static port_t *port_arg(mp_obj_t o) {
    return MP_OBJ_TO_PTR(o);
}

static mp_obj_t port_close(mp_obj_t self_in) {
    port_t *p = port_arg(self_in);
    port_running(p, false);
    if (p->hba->ports[p->number] == p) {
        p->hba->ports[p->number] = NULL;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_close_obj, port_close);

// A register did not answer (BusError): the controller is gone.
static void port_dead(port_t *p) {
    klog(KLOG_ERROR, "ahci: port %u: the controller does not answer", (unsigned)p->number);
    p->gone = MP_ENODEV;
    p->active = p->queued = p->held = p->alone = p->waiting = p->recovering = 0;
}

// ---- the block protocol: 0 or -errno, no exceptions but for arguments of a wrong type

#define GUARDED(p, call)                                                                           \
    ({                                                                                             \
        int r_ = -MP_ENODEV;                                                                       \
        nlr_buf_t nlr_;                                                                            \
        if (nlr_push(&nlr_) == 0) {                                                                \
            r_ = (call);                                                                           \
            nlr_pop();                                                                             \
        } else {                                                                                   \
            port_dead(p);                                                                          \
        }                                                                                          \
        r_;                                                                                        \
    })

static mp_obj_t blocks(size_t n_args, const mp_obj_t *args, unsigned what) {
    port_t *p = port_arg(args[0]);
    mp_buffer_info_t info;
    if (!mp_get_buffer(args[2], &info, what & FIS_WRITE ? MP_BUFFER_READ : MP_BUFFER_WRITE) ||
        (n_args > 3 && !mp_obj_is_int(args[3])) || !mp_obj_is_int(args[1])) {
        return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
    }
    mp_int_t block = mp_obj_get_int_truncated(args[1]);
    mp_int_t offset = n_args > 3 ? mp_obj_get_int_truncated(args[3]) : 0;
    return MP_OBJ_NEW_SMALL_INT(
        GUARDED(p, port_transfer(p, what, block, offset, args[2], info.buf, info.len)));
}

static mp_obj_t port_readblocks(size_t n_args, const mp_obj_t *args) {
    return blocks(n_args, args, 0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_readblocks_obj, 3, 4, port_readblocks);

static mp_obj_t port_writeblocks(size_t n_args, const mp_obj_t *args) {
    return blocks(n_args, args, FIS_WRITE);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_writeblocks_obj, 3, 4, port_writeblocks);

static mp_obj_t port_writefua(size_t n_args, const mp_obj_t *args) {
    return blocks(n_args, args, FIS_WRITE | FIS_FUA);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_writefua_obj, 3, 4, port_writefua);

// gather(lbas, count, buf): lbas is an array of 64-bit block numbers
static mp_obj_t port_gather_(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    port_t *p = port_arg(args[0]);
    mp_buffer_info_t lbas, info;
    mp_get_buffer_raise(args[1], &lbas, MP_BUFFER_READ);
    mp_get_buffer_raise(args[3], &info, MP_BUFFER_WRITE);
    mp_int_t count = mp_obj_get_int(args[2]);
    size_t n = lbas.len / 8;
    if (lbas.len % 8 != 0 || ((uintptr_t)lbas.buf & 7) != 0 || count < 1 ||
        (uint64_t)count > info.len / p->block_size || // so that the product below does not wrap
        info.len % p->block_size != 0 || n != info.len / p->block_size / (size_t)count ||
        n * (size_t)count * p->block_size != info.len) {
        return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
    }
    return MP_OBJ_NEW_SMALL_INT(
        GUARDED(p, port_gather(p, lbas.buf, n, (uint32_t)count, args[3], info.buf)));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_gather_obj, 4, 4, port_gather_);

// submit(what, block, buf) -> Slot; None: none is free now; -errno
static mp_obj_t port_submit_(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    port_t *p = port_arg(args[0]);
    mp_buffer_info_t info;
    unsigned what = (unsigned)mp_obj_get_int(args[1]) & (FIS_WRITE | FIS_FUA);
    mp_get_buffer_raise(args[3], &info, what & FIS_WRITE ? MP_BUFFER_READ : MP_BUFFER_WRITE);
    int64_t block = mp_obj_get_int_truncated(args[2]);
    int i = GUARDED(p, port_submit(p, what, block, args[3], info.buf, info.len));
    return i >= 0          ? MP_OBJ_FROM_PTR(p->slots[i]) :
           i == -MP_EAGAIN ? mp_const_none :
                             MP_OBJ_NEW_SMALL_INT(i);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_submit_obj, 4, 4, port_submit_);

// ---- attributes

static const struct {
    qstr_short_t name;
    uint8_t offset_words; // from `number`
} fields[] = {
#define FIELD(name) {MP_QSTR_##name, (offsetof(port_t, name) - offsetof(port_t, number)) / 4}
    // clang-format off
    FIELD(number),
    FIELD(block_size),
    FIELD(what),
    FIELD(depth),
    FIELD(wide),
    FIELD(gone),
    FIELD(timeout_ms),
    FIELD(dirty),
    FIELD(read_only),
    FIELD(taken),
    FIELD(active),
    FIELD(queued),
    FIELD(held),
    FIELD(causes),
    FIELD(tfd),
    FIELD(changed),
    FIELD(late),
    FIELD(lost),
    FIELD(attention),
    FIELD(recovering),
    FIELD(requests),
    // clang-format on
};

static void port_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    port_t *p = port_arg(self_in);
    bool store = dest[0] == MP_OBJ_SENTINEL && dest[1] != MP_OBJ_NULL;
    if (attr == MP_QSTR_blocks) {
        if (store) {
            p->blocks = (uint64_t)mp_obj_get_int(dest[1]);
            dest[0] = MP_OBJ_NULL;
        } else if (dest[0] == MP_OBJ_NULL) {
            dest[0] = mp_obj_new_int_from_uint(p->blocks);
        }
        return;
    }
    if (attr == MP_QSTR_irq && dest[0] == MP_OBJ_NULL) {
        dest[0] = mp_obj_new_bool(p->hba->irq);
        return;
    }
    if (attr == MP_QSTR_attend) {
        if (store) {
            p->attend = dest[1];
            dest[0] = MP_OBJ_NULL;
        } else if (dest[0] == MP_OBJ_NULL) {
            dest[0] = p->attend;
        }
        return;
    }
    for (size_t i = 0; i < MP_ARRAY_SIZE(fields); i++) {
        if (fields[i].name == attr) {
            uint32_t *field = &p->number + fields[i].offset_words;
            if (store) {
                *field = (uint32_t)mp_obj_get_int_truncated(dest[1]);
                dest[0] = MP_OBJ_NULL;
            } else if (dest[0] == MP_OBJ_NULL) {
                dest[0] = mp_obj_new_int_from_uint(*field);
            }
            return;
        }
    }
    if (dest[0] == MP_OBJ_NULL) {
        dest[1] = MP_OBJ_SENTINEL; // look in the locals
    }
}

extern const mp_obj_fun_builtin_var_t port_run_obj;
extern const mp_obj_fun_builtin_fixed_t port_poll_obj, port_halt_obj, port_rerun_obj,
    port_finish_obj, port_request_obj;

static const mp_rom_map_elem_t port_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&port_readblocks_obj)},
    {MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&port_writeblocks_obj)},
    {MP_ROM_QSTR(MP_QSTR_writefua), MP_ROM_PTR(&port_writefua_obj)},
    {MP_ROM_QSTR(MP_QSTR_gather), MP_ROM_PTR(&port_gather_obj)},
    {MP_ROM_QSTR(MP_QSTR_submit), MP_ROM_PTR(&port_submit_obj)},
    {MP_ROM_QSTR(MP_QSTR_run), MP_ROM_PTR(&port_run_obj)},
    {MP_ROM_QSTR(MP_QSTR_poll), MP_ROM_PTR(&port_poll_obj)},
    {MP_ROM_QSTR(MP_QSTR_halt), MP_ROM_PTR(&port_halt_obj)},
    {MP_ROM_QSTR(MP_QSTR_rerun), MP_ROM_PTR(&port_rerun_obj)},
    {MP_ROM_QSTR(MP_QSTR_finish), MP_ROM_PTR(&port_finish_obj)},
    {MP_ROM_QSTR(MP_QSTR_request), MP_ROM_PTR(&port_request_obj)},
    {MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&port_close_obj)},
};
static MP_DEFINE_CONST_DICT(port_locals, port_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    ahci_port_type,
    MP_QSTR_Port,
    MP_TYPE_FLAG_NONE,
    make_new, port_make_new,
    attr, port_attr,
    locals_dict, &port_locals
    );
