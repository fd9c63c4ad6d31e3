// SPDX-License-Identifier: MIT
// machine.WDT over the SBSA generic watchdog (Arm DEN 0029, BSA 1.0 appendix A) where GTDT names one (included by
// extmod/machine_wdt.c).

#include "py/mperrno.h"

#include "hw.h"
#include "io.h"
#include "timer.h"

#define WRR 0x000 // refresh frame, WO: restart
#define WCS 0x000 // control frame, RW: bit 0 enable
#define WOR 0x008 // control frame, RW: ticks until the first signal, the second one resets
#define WCS_EN 1u
#define WDT_MIN_MS 1

typedef struct _machine_wdt_obj_t {
    mp_obj_base_t base;
} machine_wdt_obj_t;

static machine_wdt_obj_t wdt0 = {{&machine_wdt_type}};

static machine_wdt_obj_t *mp_machine_wdt_make_new_instance(mp_int_t id, mp_int_t timeout_ms) {
    if (id != 0 || hw.wdt_control == 0) {
        mp_raise_OSError(MP_ENODEV);
    }
    // Reset comes with the second signal, twice WOR after the last refresh.
    uint64_t ticks = timeout_ms < WDT_MIN_MS ? 0 : (uint64_t)timeout_ms * timer_hz / 2000;
    if (ticks == 0 || ticks > 0xffffffff) {
        mp_raise_ValueError(MP_ERROR_TEXT("timeout out of range"));
    }
    io_write32(hw.wdt_control + WOR, (uint32_t)ticks);
    io_write32(hw.wdt_control + WCS, WCS_EN);
    io_write32(hw.wdt_refresh + WRR, 1);
    return &wdt0;
}

static void mp_machine_wdt_feed(machine_wdt_obj_t *self) {
    (void)self;
    io_write32(hw.wdt_refresh + WRR, 1);
}
