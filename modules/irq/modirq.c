// SPDX-License-Identifier: MIT
// irq: interrupt lines and messages for Python.  docs/reference/irq.md.

#include "hw.h"
#include "irqmod.h"
#include "modules/pyobj.h"
#include "msi.h"
#include "postmortem.h"
#include "py/mperrno.h"
#include "py/objtuple.h"
#include "py/runtime.h"
#include "timer.h"

// request(intid, handler, trigger=LEVEL, *, hard=False, priority=None, name=None, enable=True) -> Line
static mp_obj_t irq_request(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    postmortem_check_write();
    enum { ARG_intid, ARG_handler, ARG_trigger, ARG_hard, ARG_priority, ARG_name, ARG_enable };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_intid, MP_ARG_REQUIRED | MP_ARG_INT, {0}},
        {MP_QSTR_handler, MP_ARG_REQUIRED | MP_ARG_OBJ, {0}},
        {MP_QSTR_trigger, MP_ARG_INT, {.u_int = IRQ_LEVEL}},
        {MP_QSTR_hard, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
        {MP_QSTR_priority, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_name, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_enable, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = true}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);
    mp_int_t intid = args[ARG_intid].u_int, trigger = args[ARG_trigger].u_int;
    if (trigger != IRQ_LEVEL && trigger != IRQ_EDGE) {
        mp_raise_ValueError(MP_ERROR_TEXT("trigger must be LEVEL or EDGE"));
    }
    if (!irq_ready()) {
        mp_raise_OSError(MP_ENODEV);
    }
    if (intid < 0 || intid >= irq_lines()) { // LPIs come from msi() only
        mp_raise_ValueError(MP_ERROR_TEXT("no such INTID"));
    }
    if (msi_holds((uint32_t)intid)) {
        mp_raise_OSError(MP_EBUSY);
    }
    line_args_t a = {
        .handler = args[ARG_handler].u_obj,
        .trigger = (irq_trigger_t)trigger,
        .hard = args[ARG_hard].u_bool,
        .priority = args[ARG_priority].u_obj,
        .name = args[ARG_name].u_obj,
        .enable = args[ARG_enable].u_bool,
    };
    return line_new((uint32_t)intid, &a);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(irq_request_obj, 2, irq_request);

// msi(count=1, device=0) -> Vectors
static mp_obj_t irq_msi(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    postmortem_check_write();
    enum { ARG_count, ARG_device };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_count, MP_ARG_INT, {.u_int = 1}},
        {MP_QSTR_device, MP_ARG_INT, {.u_int = 0}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);
    return vectors_new(args[ARG_count].u_int, args[ARG_device].u_int);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(irq_msi_obj, 0, irq_msi);

static qstr kind_of(uint32_t intid) {
    return intid < IRQ_SGIS ? MP_QSTR_SGI :
           intid < IRQ_SPI  ? MP_QSTR_PPI :
           intid >= IRQ_LPI ? MP_QSTR_LPI :
                              MP_QSTR_SPI;
}

static void add_stats(mp_obj_t list, uint32_t intid) {
    static const qstr fields[] = {
        MP_QSTR_intid, MP_QSTR_kind,    MP_QSTR_name,    MP_QSTR_count,
        MP_QSTR_state, MP_QSTR_last_us, MP_QSTR_trigger, MP_QSTR_enabled,
    };
    const irq_entry_t *e = irq_entry(intid);
    if (e == NULL || (e->fn == NULL && e->count == 0)) {
        return;
    }
    mp_obj_t items[] = {
        MP_OBJ_NEW_SMALL_INT(intid),
        MP_OBJ_NEW_QSTR(kind_of(intid)),
        e->name != NULL ? pyobj_text(e->name) : mp_const_none,
        MP_OBJ_NEW_SMALL_INT(e->count),
        MP_OBJ_NEW_QSTR(line_state(e)),
        e->last == 0 ? mp_const_none : mp_obj_new_int_from_uint(timer_to_us(e->last)),
        MP_OBJ_NEW_QSTR(line_trigger(e->trigger)),
        mp_obj_new_bool(e->enabled),
    };
    mp_obj_list_append(list, mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(items), items));
}

// stats() -> [(intid, kind, name, count, state, last_us, trigger, enabled)] of all that fired or have a handler.
static mp_obj_t irq_stats(void) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (uint32_t i = 0; i < irq_lines(); i++) {
        add_stats(list, i);
    }
    for (uint32_t i = 0; i < IRQ_LPIS; i++) {
        add_stats(list, IRQ_LPI + i);
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(irq_stats_obj, irq_stats);

static void store_uint(mp_obj_t dict, qstr key, uint64_t value) {
    pyobj_store(dict, key, mp_obj_new_int_from_uint(value));
}

// info() -> dict: the controller and what is in use.
static mp_obj_t irq_info(void) {
    mp_obj_t d = mp_obj_new_dict(0);
    msi_stats_t msi;
    msi_stats(&msi);
    store_uint(d, MP_QSTR_version, irq_ready() ? hw.gic_version : 0);
    store_uint(d, MP_QSTR_gicd, hw.gicd);
    store_uint(d, MP_QSTR_lines, irq_lines());
    store_uint(d, MP_QSTR_priority_bits, irq_priority_bits());
    store_uint(d, MP_QSTR_python_lines, line_count());
    store_uint(d, MP_QSTR_spurious, irq_spurious);
    store_uint(d, MP_QSTR_busy_us, timer_to_us(irq_load.total));
    static const uint16_t kinds[] = {
        [MSI_NONE] = MP_QSTRnull, [MSI_V2M] = MP_QSTR_v2m, [MSI_ITS] = MP_QSTR_its};
    pyobj_store(d, MP_QSTR_msi,
                msi.kind == MSI_NONE ? mp_const_none : MP_OBJ_NEW_QSTR(kinds[msi.kind]));
    store_uint(d, MP_QSTR_msi_total, msi.total);
    store_uint(d, MP_QSTR_msi_used, msi.used);
    return d;
}
static MP_DEFINE_CONST_FUN_OBJ_0(irq_info_obj, irq_info);

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_irq)},
    {MP_ROM_QSTR(MP_QSTR_request), MP_ROM_PTR(&irq_request_obj)},
    {MP_ROM_QSTR(MP_QSTR_msi), MP_ROM_PTR(&irq_msi_obj)},
    {MP_ROM_QSTR(MP_QSTR_stats), MP_ROM_PTR(&irq_stats_obj)},
    {MP_ROM_QSTR(MP_QSTR_info), MP_ROM_PTR(&irq_info_obj)},
    {MP_ROM_QSTR(MP_QSTR_Held), MP_ROM_PTR(&irq_held_type)},
    {MP_ROM_QSTR(MP_QSTR_Line), MP_ROM_PTR(&irq_line_type)},
    {MP_ROM_QSTR(MP_QSTR_Vectors), MP_ROM_PTR(&irq_vectors_type)},
    {MP_ROM_QSTR(MP_QSTR_LEVEL), MP_ROM_INT(IRQ_LEVEL)},
    {MP_ROM_QSTR(MP_QSTR_EDGE), MP_ROM_INT(IRQ_EDGE)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_irq = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_irq, mod_irq);
