// SPDX-License-Identifier: MIT
// Types Port and Slot, as Python sees them.

#include "ahcicmd.h"

#include <stddef.h>
#include <string.h>

#include "io.h"
#include "klog.h"
#include "mmu.h"
#include "postmortem.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "py/stream.h"
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
    p->active = p->queued = p->held = p->waiting = p->recovering = 0;
}

// ---- the block protocol: 0 or -errno, no exceptions but for arguments of a wrong type

static mp_obj_t blocks(size_t n_args, const mp_obj_t *args, unsigned what) {
    port_t *p = port_arg(args[0]);
    mp_buffer_info_t info;
    if (!mp_get_buffer(args[2], &info, what & FIS_WRITE ? MP_BUFFER_READ : MP_BUFFER_WRITE) ||
        (n_args > 3 && !mp_obj_is_int(args[3])) || !mp_obj_is_int(args[1])) {
        return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
    }
    mp_int_t block = mp_obj_get_int_truncated(args[1]);
    mp_int_t offset = n_args > 3 ? mp_obj_get_int_truncated(args[3]) : 0;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        int r = port_transfer(p, what, block, offset, args[2], info.buf, info.len);
        nlr_pop();
        return MP_OBJ_NEW_SMALL_INT(r);
    }
    port_dead(p);
    return MP_OBJ_NEW_SMALL_INT(-MP_ENODEV);
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
    return MP_OBJ_NEW_SMALL_INT(port_gather(p, lbas.buf, n, (uint32_t)count, args[3], info.buf));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_gather_obj, 4, 4, port_gather_);

// submit(what, block, buf) -> Slot; None: none is free now; -errno
static mp_obj_t port_submit_(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    port_t *p = port_arg(args[0]);
    mp_buffer_info_t info;
    unsigned what = (unsigned)mp_obj_get_int(args[1]) & (FIS_WRITE | FIS_FUA);
    mp_get_buffer_raise(args[3], &info, what & FIS_WRITE ? MP_BUFFER_READ : MP_BUFFER_WRITE);
    int i = port_submit(p, what, mp_obj_get_int_truncated(args[2]), args[3], info.buf, info.len);
    return i >= 0          ? MP_OBJ_FROM_PTR(p->slots[i]) :
           i == -MP_EAGAIN ? mp_const_none :
                             MP_OBJ_NEW_SMALL_INT(i);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_submit_obj, 4, 4, port_submit_);

// ---- single commands, and what recovery needs

// run(cfis, buf=None, what=0, timeout_ms=…, cdb=None) -> WAIT_*: a command that is not a read or write.  Waits until the
// port works on nothing else.
static mp_obj_t port_run(size_t n_args, const mp_obj_t *args) {
    port_t *p = port_arg(args[0]);
    mp_buffer_info_t fis, info = {0}, cdb = {0};
    mp_get_buffer_raise(args[1], &fis, MP_BUFFER_READ);
    unsigned what = n_args > 3 ? (unsigned)mp_obj_get_int(args[3]) : 0;
    uint32_t timeout_ms = n_args > 4 ? (uint32_t)mp_obj_get_int(args[4]) : p->timeout_ms;
    if (n_args > 2 && args[2] != mp_const_none) {
        mp_get_buffer_raise(args[2], &info, what & FIS_WRITE ? MP_BUFFER_READ : MP_BUFFER_WRITE);
    }
    if (n_args > 5 && args[5] != mp_const_none) {
        mp_get_buffer_raise(args[5], &cdb, MP_BUFFER_READ);
    }
    if (p->gone) {
        mp_raise_OSError((int)p->gone);
    }
    bool direct = port_reach(p, info.buf, info.len) != ~0ull;
    uint8_t *data = direct ? info.buf : p->bounce;
    fis_table_t *t = &p->tables[0];
    if (fis.len != FIS_H2D_LEN || cdb.len > sizeof(t->acmd) || (info.len & 1) ||
        (!direct && info.len > p->bounce_len)) {
        mp_raise_ValueError(MP_ERROR_TEXT("a FIS of 20 bytes, a CDB of at most 16, even data"));
    }
    while (p->active != 0) {
        int why = port_wait(p, p->active, true, p->timeout_ms);
        if (why != WAIT_DONE) {
            return MP_OBJ_NEW_SMALL_INT(why);
        }
    }
    if (!direct && (what & FIS_WRITE)) {
        memcpy(p->bounce, info.buf, info.len);
    }
    memcpy(t->cfis, fis.buf, FIS_H2D_LEN);
    memset(t->acmd, 0, sizeof(t->acmd));
    memcpy(t->acmd, cdb.buf == NULL ? (void *)t->acmd : cdb.buf, cdb.len);
    unsigned prds = info.len == 0 ? 0 : fis_range(t, 0, mmu_phys(data), info.len);
    p->list[0].flags = fis_flags(what, prds);
    p->list[0].prdbc = 0;
    mp_obj_t keep = p->slots[0]->obj;
    p->slots[0]->obj = n_args > 2 ? args[2] : mp_const_none;
    int16_t result = p->slots[0]->result;
    int why = port_issue_and_wait(p, 0, timeout_ms);
    // Slot 0 may belong to a request that has ended, or that recovery holds: nothing of it changes.
    p->slots[0]->obj = keep;
    p->slots[0]->result = result;
    if (why == WAIT_DONE && !direct && !(what & FIS_WRITE)) {
        memcpy(info.buf, p->bounce, info.len);
    }
    return MP_OBJ_NEW_SMALL_INT(why);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_run_obj, 2, 6, port_run);

// poll() -> bool: look at the port as an interrupt would; whether it needs attention.
static mp_obj_t port_poll(mp_obj_t self_in) {
    port_t *p = port_arg(self_in);
    if (!p->gone) {
        port_recheck(p);
    }
    uint64_t state = irq_save(), now = cntvct(), limit = timer_hz / 1000 * p->timeout_ms;
    for (uint32_t a = p->active; a != 0; a &= a - 1) {
        if (now - p->slots[__builtin_ctz(a)]->since > limit) {
            p->late = p->attention = 1;
        }
    }
    irq_restore(state);
    return mp_obj_new_bool(p->attention && !p->gone);
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_poll_obj, port_poll);

// halt() -> mask: begin recovery.  The engine is stopped; what it worked on is held until finish().  Python clears
// `recovering` and `attention` when it is done.  Raises OSError(ETIMEDOUT) when the engine does not stop: reset the link.
static mp_obj_t port_halt(mp_obj_t self_in) {
    port_t *p = port_arg(self_in);
    postmortem_check_write();
    p->recovering = 1;
    bool stopped = port_stop(p);
    uint64_t state = irq_save();
    p->held |= p->active & p->taken;
    p->active = p->queued = 0;
    irq_restore(state);
    if (!stopped) {
        mp_raise_OSError(MP_ETIMEDOUT);
    }
    return mp_obj_new_int_from_uint(p->held);
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_halt_obj, port_halt);

static unsigned slot_arg(const port_t *p, mp_obj_t o) {
    mp_int_t i = mp_obj_get_int(o);
    if (i < 0 || i >= AHCI_SLOTS || !(p->held >> i & 1)) {
        mp_raise_ValueError(MP_ERROR_TEXT("no held slot"));
    }
    return (unsigned)i;
}

// rerun(i) -> WAIT_*: a held slot's command again, alone and not queued.
static mp_obj_t port_rerun(mp_obj_t self_in, mp_obj_t index) {
    port_t *p = port_arg(self_in);
    unsigned i = slot_arg(p, index);
    if (!port_build(p, i, false)) {
        mp_raise_OSError(MP_EINVAL);
    }
    return MP_OBJ_NEW_SMALL_INT(port_issue_and_wait(p, i, p->timeout_ms));
}
static MP_DEFINE_CONST_FUN_OBJ_2(port_rerun_obj, port_rerun);

// finish(i, result): a held slot has ended.
static mp_obj_t port_finish(mp_obj_t self_in, mp_obj_t index, mp_obj_t result) {
    port_t *p = port_arg(self_in);
    unsigned i = slot_arg(p, index);
    p->slots[i]->result = (int16_t)mp_obj_get_int(result);
    p->held &= ~(1u << i);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(port_finish_obj, port_finish);

// request(i) -> (what, lba, blocks) of a slot
static mp_obj_t port_request(mp_obj_t self_in, mp_obj_t index) {
    port_t *p = port_arg(self_in);
    const slot_t *s = p->slots[(unsigned)mp_obj_get_int(index) % AHCI_SLOTS];
    mp_obj_t items[] = {MP_OBJ_NEW_SMALL_INT(s->what), mp_obj_new_int_from_uint(s->lba),
                        MP_OBJ_NEW_SMALL_INT(s->blocks)};
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
static MP_DEFINE_CONST_FUN_OBJ_2(port_request_obj, port_request);

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

// ---- Slot: a stream that is readable once its command has ended, for asyncio

// result() -> 1 while pending; else lets go of the slot: 0 or -errno
static mp_obj_t slot_result(mp_obj_t self_in) {
    slot_t *s = MP_OBJ_TO_PTR(self_in);
    port_t *p = s->port;
    if ((p->active | p->held) >> s->index & 1) {
        return MP_OBJ_NEW_SMALL_INT(AHCI_PENDING);
    }
    return MP_OBJ_NEW_SMALL_INT(port_reap(p, s->index));
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_result_obj, slot_result);

static mp_uint_t slot_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *errcode) {
    slot_t *s = MP_OBJ_TO_PTR(self_in);
    if (request != MP_STREAM_POLL) {
        *errcode = MP_EINVAL;
        return MP_STREAM_ERROR;
    }
    port_t *p = s->port;
    if (!p->hba->irq && !p->gone) {
        uint64_t state = irq_save();
        port_service(p);
        irq_restore(state);
    }
    return (p->active | p->held) >> s->index & 1 ? 0 : arg & MP_STREAM_POLL_RD;
}

static const mp_stream_p_t slot_stream = {.ioctl = slot_ioctl};

static const mp_rom_map_elem_t slot_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_result), MP_ROM_PTR(&slot_result_obj)},
};
static MP_DEFINE_CONST_DICT(slot_locals, slot_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    ahci_slot_type,
    MP_QSTR_Slot,
    MP_TYPE_FLAG_NONE,
    protocol, &slot_stream,
    locals_dict, &slot_locals
    );
