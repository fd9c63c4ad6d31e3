// SPDX-License-Identifier: MIT
// MicroPython's view of the hardware.

#ifndef PYRALLAX_MPHALPORT_H
#define PYRALLAX_MPHALPORT_H

#include <stdbool.h>

#include "io.h"
#include "shared/runtime/interrupt_char.h"

// Nanoseconds since 1970-01-01 UTC; 0 + uptime when the wall clock is unknown.
uint64_t mp_hal_time_ns(void);
// Set the wall clock: seconds since 1970-01-01 UTC, and microseconds below 1,000,000.
void port_time_set(uint64_t epoch_s, uint32_t us);
// Rate of ticks_cpu in Hz.
uint64_t port_ticks_cpu_hz(void);
// Nothing that Python prints reaches the UART.
extern bool port_console_quiet;
// Forget what was typed and not read.
void port_console_reset(void);
// Use the cycle counter for ticks_cpu where the CPU has one.
void port_pmu_init(void);
bool port_pmu(void);
#define mp_hal_ticks_cpu port_ticks_cpu
mp_uint_t port_ticks_cpu(void);

// Raise the KeyboardInterrupt of a Ctrl-C that came.  For long work in C that must not run Python handlers meanwhile.
void port_check_ctrl_c(void);

// The only pins are objects made on machine.PinBase.
#include "extmod/virtpin.h"
#define mp_hal_pin_obj_t mp_obj_t
#define mp_hal_get_pin_obj(pin) (pin)
// time_pulse_us() does nothing but ask: a pin written in Python may never look whether Ctrl-C came.
#define mp_hal_pin_read(pin) (port_check_ctrl_c(), mp_virtual_pin_read(pin))

#endif
