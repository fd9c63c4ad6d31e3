// SPDX-License-Identifier: MIT
// sources: ports/aarch64-parallels/msi.c ports/aarch64-parallels/msipool.c
// area: probe
// Which mechanism serves: frames as Parallels and QEMU have them, an ITS, both, none.  Controller and ITS are fakes.
#include "../../ports/aarch64-parallels/msi.h"
#include "../../boot/hwconfig.h"
#include "../../ports/aarch64-parallels/irq.h"
#include "../../ports/aarch64-parallels/its.h"
#include "check.h"

#include <errno.h>

hw_config_t hw;
static bool ready = true;
static uint32_t lines = 288, typer;
static int its_error, map_error;
static uint32_t mapped, taken_intid;
static bool its_on;

bool io_try_read32(uintptr_t addr, uint32_t *value);
bool io_try_read32(uintptr_t addr, uint32_t *value) {
    CHECK_EQ(addr & 0xfff, 8);
    *value = typer;
    return typer != 0;
}

void klog(int level, const char *fmt, ...);
void klog(int level, const char *fmt, ...) {
    (void)level;
    (void)fmt;
}

bool irq_ready(void) {
    return ready;
}

uint32_t irq_lines(void) {
    return lines;
}

static void handler(uint32_t intid, void *arg) {
    (void)intid;
    (void)arg;
}

const irq_entry_t *irq_entry(uint32_t intid) {
    static irq_entry_t free_line, taken_line = {.fn = handler};
    return intid == taken_intid ? &taken_line : &free_line;
}

bool its_possible(void) {
    return hw.its_count != 0 && !its_error;
}

bool its_ready(void) {
    return its_on;
}

int its_init(void) {
    its_on = its_possible();
    return its_on ? 0 : -ENODEV;
}

uint64_t its_doorbell(void) {
    return 0x08090040;
}

int its_map(uint32_t device, uint32_t first, uint32_t count) {
    (void)device;
    (void)first;
    mapped += map_error ? 0 : count;
    return map_error;
}

void its_unmap(uint32_t device, uint32_t first, uint32_t count) {
    (void)device;
    (void)first;
    mapped -= count;
}

static msi_vectors_t v, w;

TEST(the_frame_of_parallels) {
    hw.v2m_count = 1;
    hw.v2m[0].base = 0x02250000;
    typer = 0x80350040;
    lines = 1020;
    CHECK_EQ(msi_alloc(1, 0x18, &v), 0);
    CHECK_EQ(v.kind, MSI_V2M);
    CHECK_EQ(v.address, 0x02250040);
    CHECK_EQ(v.data, 53); // the absolute SPI
    CHECK_EQ(v.intid, 53);
    CHECK(msi_holds(53) && !msi_holds(54));
    int n = 1;
    while (msi_alloc(1, 0x18, &w) == 0) {
        n++;
    }
    CHECK_EQ(n, 64);
    CHECK_EQ(w.data, 116);
    CHECK_EQ(msi_alloc(1, 0x18, &w), -ENOSPC);
    msi_free(&v);
    CHECK(!msi_holds(53));
    msi_stats_t s;
    msi_stats(&s);
    CHECK(s.kind == MSI_V2M && s.total == 64 && s.used == 63);
}

TEST(the_table_outranks_the_register) {
    hw.v2m_count = 1;
    hw.v2m[0] = (hw_v2m_t) {0x02250000, 100, 4};
    typer = 0x80350040;
    CHECK_EQ(msi_alloc(4, 0, &v), 0);
    CHECK_EQ(v.intid, 100);
    CHECK_EQ(msi_alloc(1, 0, &v), -ENOSPC);
}

TEST(a_frame_beyond_the_controllers_lines_is_cut_or_refused) {
    hw.v2m_count = 2;
    hw.v2m[0].base = 0x1000;
    hw.v2m[1] = (hw_v2m_t) {0x2000, 2, 4}; // no SPIs
    typer = 0x80350040;
    lines = 64;
    int n = 0;
    while (msi_alloc(1, 0, &v) == 0) {
        CHECK(v.intid >= 53 && v.intid < 64);
        n++;
    }
    CHECK_EQ(n, 11);
}

TEST(a_line_somebody_has_is_left_out) {
    hw.v2m_count = 1;
    hw.v2m[0].base = 0x02250000;
    typer = 0x80350040;
    taken_intid = 53;
    CHECK_EQ(msi_alloc(1, 0, &v), 0);
    CHECK_EQ(v.intid, 54);
}

TEST(an_its_alone) {
    hw.its_count = 1;
    CHECK_EQ(msi_alloc(2, 0x18, &v), 0);
    CHECK(v.kind == MSI_ITS && v.address == 0x08090040 && v.data == 0 && v.intid == 8192);
    CHECK_EQ(msi_alloc(4, 0x20, &w), 0);
    CHECK(w.data == 4 && w.intid == 8196 && mapped == 6); // events are aligned as data must be
    msi_free(&v);
    msi_free(&w);
    CHECK_EQ(mapped, 0);
}

TEST(a_full_frame_spills_into_the_its) {
    hw.its_count = hw.v2m_count = 1;
    hw.v2m[0] = (hw_v2m_t) {0x02250000, 64, 2};
    typer = 1;
    CHECK(msi_alloc(1, 0, &v) == 0 && v.kind == MSI_V2M);
    CHECK(msi_alloc(2, 0, &v) == 0 && v.kind == MSI_ITS);
    CHECK(msi_alloc(1, 0, &v) == 0 && v.kind == MSI_V2M);
}

TEST(nothing_there) {
    CHECK_EQ(msi_alloc(1, 0, &v), -ENODEV);
    ready = false;
    hw.v2m_count = 1;
    CHECK_EQ(msi_alloc(1, 0, &v), -ENODEV);
    ready = true; // a frame that does not answer
    CHECK_EQ(msi_alloc(1, 0, &v), -ENODEV);
}

TEST(a_failing_its_keeps_nothing) {
    hw.its_count = 1;
    map_error = -EIO;
    CHECK_EQ(msi_alloc(8, 0, &v), -EIO);
    msi_stats_t s;
    msi_stats(&s);
    CHECK_EQ(s.used, 0);
}
