// SPDX-License-Identifier: MIT
// machine.Timer: any number of timers with millisecond resolution over the one virtual timer.  Differs from the
// stock soft timer in hard=True: the callback runs in interrupt context.

#include "py/runtime.h"

#include "extmod/modmachine.h"
#include "irqpy.h"
#include "klog.h"
#include "shared/runtime/softtimer.h"
#include "timer.h"

typedef struct {
    soft_timer_entry_t entry; // its pairheap node starts with the object's type
    mp_obj_t callback;
    bool hard;
    bool lost; // a soft callback did not fit into the scheduler's queue; logged once
} timer_obj_t;

uint32_t soft_timer_get_ms(void) {
    return (uint32_t)(timer_to_us(cntvct()) / 1000);
}

void soft_timer_schedule_at_ms(uint32_t ticks_ms) {
    uint64_t now = timer_to_us(cntvct());
    int32_t ahead = soft_timer_ticks_diff(ticks_ms, (uint32_t)(now / 1000));
    uint64_t due = ahead <= 0 ? now : (now / 1000 + (uint64_t)ahead) * 1000;
    timer_set(TIMER_SOFT, timer_after_us(due - now), soft_timer_handler);
}

// Interrupt context.
static void fire(soft_timer_entry_t *entry) {
    timer_obj_t *self = (timer_obj_t *)entry;
    if (!self->hard) {
        if (!mp_sched_schedule(self->callback, MP_OBJ_FROM_PTR(self)) && !self->lost) {
            self->lost = true;
            klog(KLOG_WARN, "timer: callback lost, the scheduler's queue is full");
        }
    } else if (!irqpy_call_hard(self->callback, MP_OBJ_FROM_PTR(self), NULL)) {
        entry->mode = SOFT_TIMER_MODE_ONE_SHOT; // it raised: not again
    }
}

static void timer_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    timer_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "Timer(mode=%q, period=%u, hard=%q)",
              self->entry.mode == SOFT_TIMER_MODE_ONE_SHOT ? MP_QSTR_ONE_SHOT : MP_QSTR_PERIODIC,
              (unsigned)self->entry.delta_ms, self->hard ? MP_QSTR_True : MP_QSTR_False);
}

static mp_obj_t init_helper(timer_obj_t *self, size_t n_args, const mp_obj_t *pos_args,
                            mp_map_t *kw_args) {
    enum { ARG_mode, ARG_callback, ARG_period, ARG_tick_hz, ARG_freq, ARG_hard };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_mode, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = SOFT_TIMER_MODE_PERIODIC}},
        {MP_QSTR_callback, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_period, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_tick_hz, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 1000}},
        {MP_QSTR_freq, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_hard, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

    mp_int_t mode = args[ARG_mode].u_int;
    if (mode != SOFT_TIMER_MODE_ONE_SHOT && mode != SOFT_TIMER_MODE_PERIODIC) {
        mp_raise_ValueError(MP_ERROR_TEXT("mode must be ONE_SHOT or PERIODIC"));
    }
    mp_float_t ms = self->entry.delta_ms;
    if (args[ARG_freq].u_obj != mp_const_none) {
        mp_float_t hz = mp_obj_get_float(args[ARG_freq].u_obj);
        ms = hz > 0 ? 1000 / hz : -1;
    } else if (args[ARG_period].u_int != -1) {
        ms = args[ARG_tick_hz].u_int > 0 ?
                 (mp_float_t)args[ARG_period].u_int * 1000 / (mp_float_t)args[ARG_tick_hz].u_int :
                 -1;
    }
    if (!(ms >= 0 && ms < 0x40000000)) {
        mp_raise_ValueError(MP_ERROR_TEXT("period out of range"));
    }
    self->entry.mode = (uint16_t)mode;
    self->entry.delta_ms = ms < 1 ? 1 : (uint32_t)ms;
    self->hard = args[ARG_hard].u_bool;
    self->callback = args[ARG_callback].u_obj;
    if (self->callback != mp_const_none) {
        if (!mp_obj_is_callable(self->callback)) {
            mp_raise_ValueError(MP_ERROR_TEXT("callback must be None or callable"));
        }
        soft_timer_insert(&self->entry, self->entry.delta_ms);
    }
    return mp_const_none;
}

static mp_obj_t timer_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                               const mp_obj_t *args) {
    timer_obj_t *self = m_new0(timer_obj_t, 1);
    soft_timer_static_init(&self->entry, SOFT_TIMER_MODE_PERIODIC, 1000, fire);
    self->entry.pairheap.base.type = type;
    self->entry.flags = SOFT_TIMER_FLAG_GC_ALLOCATED;
    self->callback = mp_const_none;
    if (n_args > 0) {
        if (mp_obj_get_int(args[0]) != -1) {
            mp_raise_ValueError(MP_ERROR_TEXT("only software timers: id -1"));
        }
        n_args--;
        args++;
    }
    if (n_args > 0 || n_kw > 0) {
        mp_map_t kw_args;
        mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
        init_helper(self, n_args, args, &kw_args);
    }
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t timer_init_(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args) {
    timer_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    soft_timer_remove(&self->entry);
    return init_helper(self, n_args - 1, args + 1, kw_args);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(timer_init_obj, 1, timer_init_);

static mp_obj_t timer_deinit(mp_obj_t self_in) {
    timer_obj_t *self = MP_OBJ_TO_PTR(self_in);
    soft_timer_remove(&self->entry);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(timer_deinit_obj, timer_deinit);

static const mp_rom_map_elem_t timer_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&timer_init_obj)},
    {MP_ROM_QSTR(MP_QSTR_deinit), MP_ROM_PTR(&timer_deinit_obj)},
    {MP_ROM_QSTR(MP_QSTR_ONE_SHOT), MP_ROM_INT(SOFT_TIMER_MODE_ONE_SHOT)},
    {MP_ROM_QSTR(MP_QSTR_PERIODIC), MP_ROM_INT(SOFT_TIMER_MODE_PERIODIC)},
};
static MP_DEFINE_CONST_DICT(timer_locals, timer_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    machine_timer_type,
    MP_QSTR_Timer,
    MP_TYPE_FLAG_NONE,
    make_new, timer_make_new,
    print, timer_print,
    locals_dict, &timer_locals
    );
