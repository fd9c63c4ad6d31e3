// SPDX-License-Identifier: MIT
// MicroPython's view of the hardware: console, time, waiting.

#include <string.h>

#include "py/mphal.h"
#include "py/mpstate.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "extmod/misc.h"
#include "hw.h"
#include "irq.h"
#include "irqpy.h"
#include "modules/prompt/prompt.h"
#include "mphalport.h"
#include "rng.h"
#include "shared/readline/readline.h"
#include "timer.h"
#include "uart.h"

// Set while readline edits a line: Enter may come as CR, LF or CR LF (serial-clients 10).
static uint32_t line_editing;
static bool last_was_cr;
bool port_console_quiet;

#define DUPTERM_POLL_MS 10
#define PMU_POLLS 1000

// The linker sends every call of readline here (--wrap).
int __real_readline(vstr_t *line, const char *prompt);
int __wrap_readline(vstr_t *line, const char *prompt);

int __wrap_readline(vstr_t *line, const char *prompt) {
    prompt_run_before(prompt);
    nlr_buf_t nlr;
    line_editing++;
    if (nlr_push(&nlr) == 0) {
        int r = __real_readline(line, prompt);
        nlr_pop();
        line_editing--;
        return r;
    }
    line_editing--;
    nlr_jump(nlr.ret_val);
}

void port_console_reset(void) {
    line_editing = 0;
    last_was_cr = false;
    while (uart_rx_get() >= 0) {
    }
}

void port_check_ctrl_c(void) {
    // Not in a hard handler: it would end there, and the program that was meant would go on.
    if (MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL && irqpy_hard_depth == 0) {
        mp_handle_pending(true);
    }
}

static bool dupterm_in_use(void) {
    for (size_t i = 0; i < MICROPY_PY_OS_DUPTERM; i++) {
        if (MP_STATE_VM(dupterm_objs[i]) != MP_OBJ_NULL) {
            return true;
        }
    }
    return false;
}

int mp_hal_stdin_rx_chr(void) {
    for (;;) {
        int c = uart_rx_get();
        if (c < 0) {
            c = mp_os_dupterm_rx_chr();
        }
        if (c < 0 && dupterm_in_use()) {
            mp_event_wait_ms(DUPTERM_POLL_MS); // a stream in Python raises no interrupt of its own
            continue;
        }
        if (c < 0) {
            mp_event_wait_indefinite();
            continue;
        }
        if (line_editing == 0) {
            last_was_cr = false;
            return c;
        }
        bool second = c == '\n' && last_was_cr;
        last_was_cr = c == '\r';
        if (!second) {
            return c == '\n' ? '\r' : c;
        }
    }
}

uintptr_t mp_hal_stdio_poll(uintptr_t poll_flags) {
    uintptr_t ret = 0;
    if ((poll_flags & MP_STREAM_POLL_RD) && uart_rx_ready()) {
        ret |= MP_STREAM_POLL_RD;
    }
    if (poll_flags & MP_STREAM_POLL_WR) {
        ret |= MP_STREAM_POLL_WR;
    }
    return ret | mp_os_dupterm_poll(poll_flags);
}

mp_uint_t mp_hal_stdout_tx_strn(const char *str, size_t len) {
    if (!port_console_quiet) {
        uart_write(str, len);
    }
    int n = mp_os_dupterm_tx_strn(str, len);
    return n >= 0 && (mp_uint_t)n < len ? (mp_uint_t)n : len;
}

// Ticks.  The counter is 24 MHz on Parallels, 62.5 MHz or 1 GHz on QEMU.

mp_uint_t mp_hal_ticks_us(void) {
    return timer_to_us(cntvct());
}

mp_uint_t mp_hal_ticks_ms(void) {
    return timer_to_us(cntvct()) / 1000;
}

static bool pmu;

void port_pmu_init(void) {
    unsigned version =
        sysreg_read(id_aa64dfr0_el1) >> 8 & 0xf; // PMUVer: 0 none, 0xf not architected
    // A hypervisor with its PMU switched off may leave the ID register as it is and make the registers undefined or
    // read as zero (reference §9.5, "PMU virtualization off"): believe a counter that counts.
    pmu = version != 0 && version != 0xf && io_try_pmu();
    if (pmu) {
        uint64_t first = sysreg_read(pmccntr_el0), now = first;
        for (int i = 0; i < PMU_POLLS && now == first; i++) {
            isb();
            now = sysreg_read(pmccntr_el0);
        }
        pmu = now != first;
    }
}

bool port_pmu(void) {
    return pmu;
}

mp_uint_t port_ticks_cpu(void) {
    if (pmu) {
        isb();
        return sysreg_read(pmccntr_el0);
    }
    return cntvct();
}

uint64_t port_ticks_cpu_hz(void) {
    if (!pmu) {
        return timer_hz;
    }
    static uint64_t hz;
    if (hz == 0) {
        uint64_t state = irq_save();
        uint64_t t0 = cntvct(), c0 = port_ticks_cpu(), t1;
        do {
            t1 = cntvct();
        } while (t1 - t0 < timer_hz / 1000);
        uint64_t c1 = port_ticks_cpu();
        irq_restore(state);
        hz = (c1 - c0) * timer_hz / (t1 - t0);
    }
    return hz;
}

uint64_t mp_hal_time_ns(void) {
    return hw.epoch_s * 1000000000ull + timer_to_ns(cntvct() - hw.epoch_cntvct);
}

void port_time_set(uint64_t epoch_s, uint32_t us) {
    hw.epoch_cntvct = cntvct() - us * timer_hz / 1000000;
    hw.epoch_s = epoch_s;
}

static uint64_t ms_to_us(uint64_t ms) {
    return ms > ~0ull / 1000 ? ~0ull : ms * 1000;
}

// Waiting.  irq_seen stands for the event register that WFE has: an interrupt between the caller's check and
// the WFI below left it set, and WFI itself wakes on a pending interrupt even while interrupts are masked.
void port_wait_event(mp_int_t timeout_ms) {
    if (timeout_ms == 0) {
        return;
    }
    // In an interrupt handler nothing pends behind the active interrupt, so WFI would never end.  After
    // machine.disable_irq() it ends at once, but nobody takes the interrupt: the prompt must still hear.
    if (irq_depth != 0 || irq_masked()) {
        uart_rx_drain();
        return;
    }
    if (timeout_ms > 0) {
        timer_set(TIMER_WAIT, timer_after_us(ms_to_us((uint64_t)timeout_ms)), NULL);
    }
    uint64_t state = irq_save();
    if (!irq_seen && irq_ready()) {
        irq_idles++;
        dsb_sy(); // what devices must see is out before sleeping
        wfi();
    } else if (!irq_ready()) {
        uart_rx_drain();
    }
    irq_seen = 0;
    irq_restore(state);
    isb(); // taken here, not later
    if (timeout_ms > 0) {
        timer_cancel(TIMER_WAIT);
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    mp_hal_delay_us(ms_to_us(ms));
}

void mp_hal_delay_us(mp_uint_t us) {
    uint64_t end = timer_after_us(us);
    for (;;) {
        mp_event_handle_nowait();
        uint64_t now = cntvct();
        if (now >= end) {
            return;
        }
        if (timer_to_us(end - now) < 50) {
            continue; // shorter than a wake-up takes (observed: Parallels, 14 to 54 µs)
        }
        timer_set(TIMER_WAIT, end, NULL);
        port_wait_event(-1);
    }
}

uint64_t port_random_seed(void) {
    uint64_t seed;
    rng_bytes((uint8_t *)&seed, sizeof(seed));
    return seed;
}
