// SPDX-License-Identifier: MIT
// machine, the port's part (included by extmod/modmachine.c).

#include "buserror.h"
#include "hw.h"
#include "io.h"
#include "machine_mem.h"
#include "mphalport.h"
#include "psci.h"
#include "py/builtin.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "shared/runtime/interrupt_char.h"
#include "shared/runtime/pyexec.h"
#include "uart.h"

#define RESET_PWRON 1

#define MICROPY_PY_MACHINE_EXTRA_GLOBALS                                                           \
    {MP_ROM_QSTR(MP_QSTR_mem8), MP_ROM_PTR(&port_mem8_obj)},                                       \
        {MP_ROM_QSTR(MP_QSTR_mem16), MP_ROM_PTR(&port_mem16_obj)},                                 \
        {MP_ROM_QSTR(MP_QSTR_mem32), MP_ROM_PTR(&port_mem32_obj)},                                 \
        {MP_ROM_QSTR(MP_QSTR_mem64), MP_ROM_PTR(&port_mem64_obj)},                                 \
        {MP_ROM_QSTR(MP_QSTR_BusError), MP_ROM_PTR(&mp_type_BusError)},                            \
        {MP_ROM_QSTR(MP_QSTR_Timer), MP_ROM_PTR(&machine_timer_type)},                             \
        {MP_ROM_QSTR(MP_QSTR_RTC), MP_ROM_PTR(&machine_rtc_type)},                                 \
        {MP_ROM_QSTR(MP_QSTR_poweroff), MP_ROM_PTR(&machine_poweroff_obj)},                        \
        {MP_ROM_QSTR(MP_QSTR_PWRON_RESET), MP_ROM_INT(RESET_PWRON)},

NORETURN static void stuck(const char *what) {
    mp_raise_msg_varg(&mp_type_OSError, MP_ERROR_TEXT("the platform refused %s"), what);
}

// What a callback interrupted may have half of a change in memory.
static bool in_callback(void) {
    return MP_STATE_VM(sched_state) < 0 || gc_is_locked();
}

// Unmount the disks.  Not in a callback: a disk as a power cut leaves it is better than one that says it is clean.
static void unmount(void) {
    if (!in_callback()) {
        mp_hal_set_interrupt_char(-1);
        pyexec_frozen_module("_shutdown.py", false);
    }
}

// Power the virtual machine off.  Raises OSError when the platform has no way to.
static mp_obj_t machine_poweroff(void) {
    unmount();
    uart_flush();
    psci_system_off();
    stuck("poweroff");
}
static MP_DEFINE_CONST_FUN_OBJ_0(machine_poweroff_obj, machine_poweroff);

static void mp_machine_idle(void) {
    mp_event_wait_ms(1);
}

NORETURN static void mp_machine_reset(void) {
    unmount();
    uart_flush();
    psci_system_reset();
    stuck("reset");
}

// A virtual machine cannot tell a reset from a power-on: PSCI leaves no trace.
static mp_int_t mp_machine_reset_cause(void) {
    return RESET_PWRON;
}

// The frozen module `loader`: it has the line for itself until it returns, and nothing else reaches the UART.
static void serial_loader(size_t n_args, const mp_obj_t *args) {
    mp_obj_t run = mp_load_attr(
        mp_import_name(MP_QSTR_loader, mp_const_none, MP_OBJ_NEW_SMALL_INT(0)), MP_QSTR_run);
    pyexec_mode_kind_t mode = pyexec_mode_kind;
    int interrupt = mp_interrupt_char;
    nlr_buf_t nlr;
    pyexec_mode_kind = PYEXEC_MODE_RAW_REPL; // no log, no heartbeat
    port_console_quiet = true;
    mp_hal_set_interrupt_char(-1);
    bool raised = nlr_push(&nlr) != 0;
    if (!raised) {
        mp_call_function_n_kw(run, n_args, 0, args);
        nlr_pop();
    }
    port_console_quiet = false;
    pyexec_mode_kind = raised ? mode : PYEXEC_MODE_FRIENDLY_REPL;
    if (raised) {
        mp_hal_set_interrupt_char(interrupt);
        nlr_jump(nlr.ret_val);
    }
}

// Runs boot.on_bootloader, where a driver left a way to the firmware's own menu or updater, and resets, which ends in
// the firmware as well.  Else the serial loader, which unmounts the disks, and behind it a soft reset to the prompt.
NORETURN void mp_machine_bootloader(size_t n_args, const mp_obj_t *args) {
    mp_obj_t hook = MP_STATE_PORT(bootloader_hook);
    if (hook != MP_OBJ_NULL && hook != mp_const_none) {
        mp_call_function_n_kw(hook, n_args, 0, args);
        mp_machine_reset();
    }
    if (in_callback()) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("bootloader: not in a callback"));
    }
    serial_loader(n_args, args);
    mp_raise_type(&mp_type_SystemExit);
}
MP_REGISTER_ROOT_POINTER(mp_obj_t bootloader_hook);

// SMBIOS UUID, or empty where the machine has none.
static mp_obj_t mp_machine_unique_id(void) {
    for (size_t i = 0; i < sizeof(hw.uuid); i++) {
        if (hw.uuid[i] != 0) {
            return mp_obj_new_bytes(hw.uuid, sizeof(hw.uuid));
        }
    }
    return mp_const_empty_bytes;
}

static mp_obj_t mp_machine_get_freq(void) {
    return mp_obj_new_int_from_uint(port_ticks_cpu_hz());
}

static void mp_machine_set_freq(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    (void)args;
    mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("the hypervisor owns the CPU frequency"));
}

// Sleep until an interrupt, or for the given time in ms.
static void mp_machine_lightsleep(size_t n_args, const mp_obj_t *args) {
    if (n_args == 0) {
        mp_event_wait_indefinite();
    } else {
        mp_int_t ms = mp_obj_get_int(args[0]);
        mp_hal_delay_ms(ms < 0 ? 0 : (mp_uint_t)ms);
    }
}

NORETURN static void mp_machine_deepsleep(size_t n_args, const mp_obj_t *args) {
    mp_machine_lightsleep(n_args, args);
    mp_machine_reset();
}
