// SPDX-License-Identifier: MIT
// A line: one INTID that Python holds, its handler, and the way from interrupt to handler.

#include <string.h>

#include "io.h"
#include "irqmod.h"
#include "klog.h"
#include "py/mperrno.h"
#include "py/mpstate.h"
#include "py/objfun.h"
#include "py/runtime.h"
#include "softreset.h"
#include "timer.h"

MP_REGISTER_ROOT_POINTER(struct line *irq_lines);

void line_stop_raised(const line_t *l, const char *what) {
    irq_stop(l->who.intid, IRQ_RAISED);
    klog(KLOG_WARN, "irq: handler %s of INTID %u %s raised %s, masked", qstr_str(l->who.function),
         (unsigned)l->who.intid, qstr_str(l->who.line), what);
}

// Interrupt context.
static void fire_hard(uint32_t intid, void *arg) {
    line_t *l = arg;
    (void)intid;
    l->running = true;
    if (!irqpy_call_hard(l->handler, MP_OBJ_FROM_PTR(l), &l->who)) {
        line_stop_raised(l, "in interrupt context");
    }
    l->running = false;
}

line_t *line_of(uint32_t intid) {
    for (line_t *l = MP_STATE_VM(irq_lines); l != NULL; l = l->next) {
        if (l->who.intid == intid) {
            return l;
        }
    }
    return NULL;
}

uint32_t line_count(void) {
    uint32_t n = 0;
    for (line_t *l = MP_STATE_VM(irq_lines); l != NULL; l = l->next) {
        n++;
    }
    return n;
}

// Name for reports.  Bound methods and closures have none of their own in this release, but both hold the function
// behind their type (py/objboundmeth.c, py/objclosure.c).
static qstr function_name(mp_obj_t f) {
    const mp_obj_type_t *type = mp_obj_get_type(f);
    while (type->name == MP_QSTR_bound_method || type->name == MP_QSTR_closure) {
        f = ((const struct {
                mp_obj_base_t base;
                mp_obj_t function;
            } *)MP_OBJ_TO_PTR(f))
                ->function;
        type = mp_obj_get_type(f);
    }
    bool named = type == &mp_type_fun_bc || type == &mp_type_gen_wrap;
    return named ? mp_obj_fun_get_name(f) : (qstr)type->name;
}

static void raise(int error) {
    if (error == -MP_EINVAL) {
        mp_raise_ValueError(MP_ERROR_TEXT("no such INTID"));
    }
    if (error != 0) {
        mp_raise_OSError(-error);
    }
}

mp_obj_t line_new(uint32_t intid, const line_args_t *a) {
    if (!mp_obj_is_callable(a->handler)) {
        mp_raise_TypeError(MP_ERROR_TEXT("handler must be callable"));
    }
    mp_int_t priority = -1;
    if (a->priority != mp_const_none) {
        priority = mp_obj_get_int(a->priority);
        if (priority < 0 || priority >= IRQ_PRIORITIES) {
            mp_raise_ValueError(MP_ERROR_TEXT("priority must be 0 to 0xef"));
        }
    }
    line_t *l = mp_obj_malloc(line_t, &irq_line_type);
    memset((char *)l + sizeof(l->base), 0, sizeof(*l) - sizeof(l->base));
    l->handler = a->handler;
    l->hard = a->hard;
    l->who.intid = intid;
    l->who.function = function_name(a->handler);
    l->who.line = a->name != mp_const_none ? mp_obj_str_get_qstr(a->name) : l->who.function;
    bool always_edge = intid < IRQ_SGIS || intid >= IRQ_LPI;
    raise(irq_install(intid, l->hard ? fire_hard : soft_fire, l,
                      always_edge ? IRQ_EDGE : a->trigger));
    const irq_entry_t *e = irq_entry(intid);
    l->count_base = e->count;
    irq_name(intid, qstr_str(l->who.line));
    l->live = true;
    uint64_t state = irq_save();
    l->next = MP_STATE_VM(irq_lines);
    MP_STATE_VM(irq_lines) = l;
    irq_restore(state);
    if (priority >= 0) {
        irq_priority(intid, (int)priority);
    }
    if (a->enable) {
        irq_enable(intid);
    }
    return MP_OBJ_FROM_PTR(l);
}

// Out of the controller's and the scheduler's sight.
static void drop(line_t *l) {
    irq_install(l->who.intid, NULL, NULL, irq_entry(l->who.intid)->trigger);
    l->live = false;
}

int line_free(line_t *l) {
    if (!l->live) {
        return 0;
    }
    if (l->running) {
        return -MP_EBUSY;
    }
    if (l->due && MP_STATE_VM(sched_state) >= 0) {
        mp_handle_pending(true); // its turn comes now; elsewhere the scheduler is locked
        if (!l->live) {
            return 0;
        }
    }
    uint64_t state = irq_save();
    if (l->due) {
        irq_restore(state);
        return -MP_EBUSY;
    }
    drop(l);
    // Hard handlers free lines, too, other ones: no list is half way through when they come.
    for (line_t **p = (line_t **)&MP_STATE_VM(irq_lines); *p != NULL; p = &(*p)->next) {
        if (*p == l) {
            *p = l->next;
            break;
        }
    }
    irq_restore(state);
    return 0;
}

// Nothing may fire into the next heap.
static void irq_reset(void) {
    uint64_t state = irq_save();
    for (line_t *l = MP_STATE_VM(irq_lines); l != NULL; l = l->next) {
        drop(l);
    }
    MP_STATE_VM(irq_lines) = NULL;
    soft_reset();
    irq_restore(state);
    vectors_reset();
}
SOFTRESET(irq_reset);

static line_t *alive(mp_obj_t self_in) {
    line_t *l = MP_OBJ_TO_PTR(self_in);
    if (!l->live) {
        mp_raise_OSError(MP_ENODEV);
    }
    return l;
}

static mp_obj_t line_enable(mp_obj_t self_in) {
    line_t *l = alive(self_in);
    irq_enable(l->who.intid);
    uint64_t state = irq_save();
    if (l->late) {
        l->late = false;
        soft_queue(l);
    }
    irq_restore(state);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(line_enable_obj, line_enable);

static mp_obj_t line_disable(mp_obj_t self_in) {
    irq_disable(alive(self_in)->who.intid);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(line_disable_obj, line_disable);

static mp_obj_t line_pend(mp_obj_t self_in) {
    irq_pend(alive(self_in)->who.intid);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(line_pend_obj, line_pend);

static mp_obj_t line_free_(mp_obj_t self_in) {
    raise(line_free(MP_OBJ_TO_PTR(self_in)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(line_free_obj, line_free_);

static mp_obj_t line_exit(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    return line_free_(args[0]);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(line_exit_obj, 4, 4, line_exit);

qstr line_state(const irq_entry_t *e) {
    static const uint16_t names[] = {
        [IRQ_OK] = MP_QSTR_ok,
        [IRQ_STORM] = MP_QSTR_storm,
        [IRQ_RAISED] = MP_QSTR_raised,
        [IRQ_UNHANDLED] = MP_QSTR_unhandled,
    };
    return names[e->state];
}

qstr line_trigger(uint32_t trigger) {
    return trigger == IRQ_EDGE ? MP_QSTR_edge : MP_QSTR_level;
}

static mp_obj_t last_us(const irq_entry_t *e) {
    return e->last == 0 ? mp_const_none : mp_obj_new_int_from_uint(timer_to_us(e->last));
}

static void line_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    line_t *l = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    const irq_entry_t *e = l->live ? irq_entry(l->who.intid) : NULL;
    switch (attr) {
        case MP_QSTR_intid:
            dest[0] = MP_OBJ_NEW_SMALL_INT(l->who.intid);
            break;
        case MP_QSTR_name:
            dest[0] = MP_OBJ_NEW_QSTR(l->who.line);
            break;
        case MP_QSTR_handler:
            dest[0] = l->handler;
            break;
        case MP_QSTR_hard:
            dest[0] = mp_obj_new_bool(l->hard);
            break;
        case MP_QSTR_enabled:
            dest[0] = mp_obj_new_bool(e != NULL && e->enabled);
            break;
        case MP_QSTR_count:
            dest[0] = e == NULL ? mp_const_none : MP_OBJ_NEW_SMALL_INT(e->count - l->count_base);
            break;
        case MP_QSTR_trigger:
            dest[0] = e == NULL ? mp_const_none : MP_OBJ_NEW_SMALL_INT(e->trigger);
            break;
        case MP_QSTR_state:
            dest[0] = e == NULL ? mp_const_none : MP_OBJ_NEW_QSTR(line_state(e));
            break;
        case MP_QSTR_last_us:
            dest[0] = e == NULL || e->count == l->count_base ? mp_const_none : last_us(e);
            break;
        case MP_QSTR_priority:
            dest[0] =
                e == NULL ? mp_const_none : MP_OBJ_NEW_SMALL_INT(irq_priority(l->who.intid, -1));
            break;
        default:
            dest[1] = MP_OBJ_SENTINEL; // look in the locals
    }
}

static void line_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    line_t *l = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "<irq.Line %u %q%s>", (unsigned)l->who.intid, l->who.line,
              l->live ? "" : " freed");
}

static const mp_rom_map_elem_t line_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_enable), MP_ROM_PTR(&line_enable_obj)},
    {MP_ROM_QSTR(MP_QSTR_disable), MP_ROM_PTR(&line_disable_obj)},
    {MP_ROM_QSTR(MP_QSTR_pend), MP_ROM_PTR(&line_pend_obj)},
    {MP_ROM_QSTR(MP_QSTR_free), MP_ROM_PTR(&line_free_obj)},
    {MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&mp_identity_obj)},
    {MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&line_exit_obj)},
};
static MP_DEFINE_CONST_DICT(line_locals, line_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    irq_line_type,
    MP_QSTR_Line,
    MP_TYPE_FLAG_NONE,
    print, line_print,
    attr, line_attr,
    locals_dict, &line_locals
    );
