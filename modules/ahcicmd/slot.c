// SPDX-License-Identifier: MIT
// Type Slot: a stream that is readable once its command has ended, for asyncio.

#include "ahcicmd.h"

#include "io.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "py/stream.h"

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
