// SPDX-License-Identifier: MIT
// Type Port, as Python sees it: the block protocol, attributes.

#include "ahcicmd.h"

#include <stddef.h>
#include <string.h>

#include "io.h"
#include "postmortem.h"
#include "py/mperrno.h"
#include "py/objint.h"
#include "py/runtime.h"
#include "py/stream.h"

// Memory of a port: command list, received FISes, tables.
#define FIS_AT 1024
#define TABLES_AT 1280
#define MEMORY_BYTES (TABLES_AT + (AHCI_SLOTS + 1) * sizeof(fis_table_t))
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
    p->attend = p->run_obj = mp_const_none;
    uint8_t *memory = memory_of(args[3], MEMORY_BYTES, NULL);
    p->list = (fis_header_t *)memory;
    p->tables = (fis_table_t *)(memory + TABLES_AT);
    p->bounce = memory_of(args[4], 4096, &p->bounce_len);
    p->timeout_ms = 10000;
    p->block_size = 512;
    p->slots = AHCI_SLOTS;
    for (unsigned i = 0; i < AHCI_SLOTS; i++) {
        p->slot[i].obj = mp_const_none;
    }
    p->hba->ports[number] = p;
    return MP_OBJ_FROM_PTR(p);
}

static port_t *port_arg(mp_obj_t o) {
    return MP_OBJ_TO_PTR(o);
}

static mp_obj_t port_close(mp_obj_t self_in) {
    port_t *p = port_arg(self_in);
    if (p->hba->ports[p->number] == p) {
        p->hba->ports[p->number] = NULL;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_close_obj, port_close);

// ---- the block protocol: 0 or -errno, no exceptions but for arguments of a wrong type

// An integer's value; false where it is none, or is too big.  One out of an array("Q") is never a small one.
static bool int_of(mp_obj_t o, mp_int_t *value) {
    if (mp_obj_is_small_int(o)) {
        *value = MP_OBJ_SMALL_INT_VALUE(o);
        return true;
    }
    return mp_obj_is_exact_type(o, &mp_type_int) &&
           mpz_as_int_checked(&((mp_obj_int_t *)MP_OBJ_TO_PTR(o))->mpz, value);
}

static mp_obj_t blocks(size_t n_args, const mp_obj_t *args, unsigned what) {
    port_t *p = port_arg(args[0]);
    mp_buffer_info_t info;
    mp_int_t block, offset = 0;
    if (!mp_get_buffer(args[2], &info, what & FIS_WRITE ? MP_BUFFER_READ : MP_BUFFER_WRITE) ||
        (n_args > 3 && !int_of(args[3], &offset)) || !int_of(args[1], &block)) {
        return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
    }
    return MP_OBJ_NEW_SMALL_INT(port_transfer(p, what, block, offset, args[2], info.buf, info.len));
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

// writev(n, bufs): a list or tuple of buffers, each of whole blocks
static mp_obj_t port_writev_(mp_obj_t self_in, mp_obj_t block, mp_obj_t bufs) {
    size_t n;
    mp_obj_t *items;
    mp_int_t first;
    if (!int_of(block, &first) ||
        !(mp_obj_is_type(bufs, &mp_type_list) || mp_obj_is_type(bufs, &mp_type_tuple))) {
        return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
    }
    mp_obj_get_array(bufs, &n, &items);
    return MP_OBJ_NEW_SMALL_INT(port_writev(port_arg(self_in), first, bufs, items, n));
}
static MP_DEFINE_CONST_FUN_OBJ_3(port_writev_obj, port_writev_);

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
    return MP_OBJ_NEW_SMALL_INT(port_gather(p, lbas.buf, n, (uint32_t)count, args[3], info.buf));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_gather_obj, 4, 4, port_gather_);

// submit(what, block, buf) -> slot; -EAGAIN: none is free now; another -errno
static mp_obj_t port_submit_(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    port_t *p = port_arg(args[0]);
    mp_buffer_info_t info;
    unsigned what = (unsigned)mp_obj_get_int(args[1]) & (FIS_WRITE | FIS_FUA);
    mp_get_buffer_raise(args[3], &info, what & FIS_WRITE ? MP_BUFFER_READ : MP_BUFFER_WRITE);
    int i = -MP_EINVAL;
    mp_int_t block;
    if (int_of(args[2], &block)) {
        i = port_submit(p, what, block, args[3], info.buf, info.len);
    }
    if (i >= 0) {
        p->awaited |= 1u << i;
    }
    return MP_OBJ_NEW_SMALL_INT(i);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_submit_obj, 4, 4, port_submit_);

// Awaited slots whose end nobody was told of.
static uint32_t port_ended(const port_t *p) {
    return p->awaited & ~(p->active | p->held);
}

// result(slot) -> 1 while pending; else lets go of the slot: 0 or -errno
static mp_obj_t port_result(mp_obj_t self_in, mp_obj_t index) {
    port_t *p = port_arg(self_in);
    mp_int_t i = mp_obj_get_int(index);
    if (i < 0 || i >= AHCI_SLOTS || !(p->taken >> i & 1)) {
        mp_raise_ValueError(MP_ERROR_TEXT("no request"));
    }
    bool pending = ((p->active | p->held) >> i & 1) != 0;
    return MP_OBJ_NEW_SMALL_INT(pending ? AHCI_PENDING : port_reap(p, (unsigned)i));
}
static MP_DEFINE_CONST_FUN_OBJ_2(port_result_obj, port_result);

// wake(tasks, push): push(tasks[i]) for each submitted slot that has ended, and None in its place.  What has None there
// is let go of; what has False will be asked for.
static mp_obj_t port_wake(mp_obj_t self_in, mp_obj_t tasks, mp_obj_t push) {
    port_t *p = port_arg(self_in);
    size_t n;
    mp_obj_t *items;
    mp_obj_get_array(tasks, &n, &items);
    for (uint32_t e = port_ended(p); e != 0; e &= e - 1) {
        unsigned i = (unsigned)__builtin_ctz(e);
        mp_obj_t task = i < n ? items[i] : mp_const_none;
        p->awaited &= ~(1u << i);
        if (task == mp_const_none) {
            port_reap(p, i);
        } else if (task != mp_const_false) {
            items[i] = mp_const_none;
            mp_call_function_1(push, task);
        }
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(port_wake_obj, port_wake);

// A stream that is readable when wake() has something to do.
static mp_uint_t port_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *errcode) {
    port_t *p = port_arg(self_in);
    if (request != MP_STREAM_POLL) {
        *errcode = MP_EINVAL;
        return MP_STREAM_ERROR;
    }
    if (!p->hba->irq && !p->gone) {
        uint64_t state = irq_save();
        port_service(p);
        irq_restore(state);
    }
    return port_ended(p) != 0 ? arg & MP_STREAM_POLL_RD : 0;
}

static const mp_stream_p_t port_stream = {.ioctl = port_ioctl};

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
    FIELD(slots),
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
    FIELD(awaited),
    FIELD(cancelled),
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
    {MP_ROM_QSTR(MP_QSTR_writev), MP_ROM_PTR(&port_writev_obj)},
    {MP_ROM_QSTR(MP_QSTR_gather), MP_ROM_PTR(&port_gather_obj)},
    {MP_ROM_QSTR(MP_QSTR_submit), MP_ROM_PTR(&port_submit_obj)},
    {MP_ROM_QSTR(MP_QSTR_result), MP_ROM_PTR(&port_result_obj)},
    {MP_ROM_QSTR(MP_QSTR_wake), MP_ROM_PTR(&port_wake_obj)},
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
    protocol, &port_stream,
    locals_dict, &port_locals
    );
