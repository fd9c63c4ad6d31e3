// SPDX-License-Identifier: MIT
// machine.UART(0): the console UART as a stream (included by extmod/machine_uart.c).  The console keeps it: bytes
// read here are bytes the REPL does not see.

#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"

#include "hw.h"
#include "timer.h"
#include "uart.h"

#define MICROPY_PY_MACHINE_UART_CLASS_CONSTANTS

typedef struct _machine_uart_obj_t {
    mp_obj_base_t base;
    uint32_t timeout_ms;
} machine_uart_obj_t;

static machine_uart_obj_t uart0 = {{&machine_uart_type}, 0};

static void mp_machine_uart_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "UART(0, address=0x%lx, timeout=%u, rxbuf=%u, dropped=%u, overruns=%u)",
              (unsigned long)hw.uart_base, (unsigned)self->timeout_ms, UART_RX_RING,
              (unsigned)uart_stats.dropped, (unsigned)uart_stats.overruns);
}

// init(baudrate=, bits=, parity=, stop=, timeout=): the line's rate belongs to the hypervisor; only timeout acts.
static void mp_machine_uart_init_helper(machine_uart_obj_t *self, size_t n_args,
                                        const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_baudrate, ARG_bits, ARG_parity, ARG_stop, ARG_timeout };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_baudrate, MP_ARG_INT, {.u_int = 115200}},
        {MP_QSTR_bits, MP_ARG_INT, {.u_int = 8}},
        {MP_QSTR_parity, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_stop, MP_ARG_INT, {.u_int = 1}},
        {MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);
    if (args[ARG_bits].u_int != 8 || args[ARG_parity].u_obj != mp_const_none ||
        args[ARG_stop].u_int != 1) {
        mp_raise_ValueError(MP_ERROR_TEXT("only 8 bits, no parity, 1 stop bit"));
    }
    if (args[ARG_timeout].u_int < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("timeout is in ms, from 0"));
    }
    self->timeout_ms = (uint32_t)args[ARG_timeout].u_int;
}

static mp_obj_t mp_machine_uart_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                                         const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    if (mp_obj_get_int(args[0]) != 0 || hw.uart_kind == HW_UART_NONE) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("UART(%d) doesn't exist"),
                          (int)mp_obj_get_int(args[0]));
    }
    mp_map_t kw_args;
    mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
    mp_machine_uart_init_helper(&uart0, n_args - 1, args + 1, &kw_args);
    return MP_OBJ_FROM_PTR(&uart0);
}

static void mp_machine_uart_deinit(machine_uart_obj_t *self) {
    self->timeout_ms = 0;
}

static mp_int_t mp_machine_uart_any(machine_uart_obj_t *self) {
    (void)self;
    return (mp_int_t)uart_rx_count();
}

static bool mp_machine_uart_txdone(machine_uart_obj_t *self) {
    (void)self;
    return uart_tx_idle();
}

static mp_uint_t mp_machine_uart_read(mp_obj_t self_in, void *buf_in, mp_uint_t size,
                                      int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    uint8_t *buf = buf_in;
    mp_uint_t n = 0, start = mp_hal_ticks_ms();
    while (n < size) {
        int c = uart_rx_get();
        if (c >= 0) {
            buf[n++] = (uint8_t)c;
            continue;
        }
        mp_uint_t waited = mp_hal_ticks_ms() - start;
        if (waited >= self->timeout_ms) {
            break;
        }
        mp_event_wait_ms(self->timeout_ms - waited);
    }
    if (n == 0 && size != 0) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    return n;
}

static mp_uint_t mp_machine_uart_write(mp_obj_t self_in, const void *buf_in, mp_uint_t size,
                                       int *errcode) {
    (void)self_in;
    (void)errcode;
    uart_write(buf_in, size);
    return size;
}

static mp_uint_t mp_machine_uart_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg,
                                       int *errcode) {
    (void)self_in;
    if (request == MP_STREAM_POLL) {
        mp_uint_t ready = arg & MP_STREAM_POLL_WR;
        return uart_rx_ready() ? ready | (arg & MP_STREAM_POLL_RD) : ready;
    }
    if (request == MP_STREAM_FLUSH) {
        uart_flush();
        return 0;
    }
    *errcode = MP_EINVAL;
    return MP_STREAM_ERROR;
}
