// SPDX-License-Identifier: MIT
// sources: ports/aarch64-parallels/fdt.c
// Small trees, written token by token.  Real and damaged ones: tests/fuzz/fuzz_fdt.c and its corpus.
#include "../../ports/aarch64-parallels/fdt.h"
#include "check.h"

static uint8_t blob[65536] __attribute__((aligned(8)));
static char strings[1024];
static uint32_t at, strings_len;
static hw_config_t hw;

static void word(uint32_t v) {
    for (int i = 3; i >= 0; i--) {
        blob[at++] = (uint8_t)(v >> 8 * i);
    }
}

static void pad(void) {
    while (at & 3) {
        blob[at++] = 0;
    }
}

static void node(const char *name) {
    word(1);
    memcpy(blob + at, name, strlen(name) + 1);
    at += (uint32_t)strlen(name) + 1;
    pad();
}

static void end_node(void) {
    word(2);
}

static void prop(const char *name, const void *value, uint32_t len) {
    word(3);
    word(len);
    word(strings_len);
    memcpy(strings + strings_len, name, strlen(name) + 1);
    strings_len += (uint32_t)strlen(name) + 1;
    memcpy(blob + at, value, len);
    at += len;
    pad();
}

static void prop_words(const char *name, uint32_t n, const uint32_t *values) {
    uint8_t raw[64];
    for (uint32_t i = 0; i < n; i++) {
        for (int b = 0; b < 4; b++) {
            raw[4 * i + (uint32_t)b] = (uint8_t)(values[i] >> (24 - 8 * b));
        }
    }
    prop(name, raw, 4 * n);
}

#define WORDS(name, ...)                                                                           \
    prop_words(name, sizeof((uint32_t[]) {__VA_ARGS__}) / 4, (const uint32_t[]) {__VA_ARGS__})
#define TEXT(name, value) prop(name, value, sizeof(value))

static void begin(void) {
    memset(blob, 0, sizeof(blob));
    memset(&hw, 0, sizeof(hw));
    at = 56;
    strings_len = 0;
    node("");
    WORDS("#address-cells", 2);
    WORDS("#size-cells", 2);
}

static uint32_t total;

static int finish(void) {
    end_node();
    word(9);
    uint32_t structs_len = at - 56, strings_at = at;
    memcpy(blob + at, strings, strings_len);
    total = at + strings_len;
    at = 0;
    word(0xd00dfeed);
    word(total);
    word(56);
    word(strings_at);
    word(40);
    word(17);
    word(16);
    word(0);
    word(strings_len);
    word(structs_len);
    return fdt_read(blob, total, &hw);
}

TEST(memory_and_reservations) {
    begin();
    TEXT("model", "a model");
    node("memory@40000000");
    TEXT("device_type", "memory");
    WORDS("reg", 0, 0x40000000, 1, 0);
    end_node();
    node("reserved-memory");
    WORDS("#address-cells", 2);
    WORDS("#size-cells", 1);
    node("x");
    WORDS("reg", 0, 0x50000000, 0x1000);
    end_node();
    end_node();
    CHECK_EQ(finish(), 0);
    CHECK_EQ(hw.mem_count, 2);
    CHECK_EQ(hw.mem[0].size, 1ull << 32);
    CHECK_EQ(hw.mem[1].base, 0x50000000);
    CHECK_EQ(hw.mem[1].size, 0x1000);
    CHECK_EQ(hw.mem[1].kind, HW_MEM_RESERVED);
    CHECK_STR(hw.product, "a model");
    CHECK(hw.flags & HW_F_FDT);
}

TEST(the_console_is_stdout) {
    begin();
    node("chosen");
    TEXT("stdout-path", "/pl011@2000:115200");
    TEXT("bootargs", "heap=1m \001x");
    end_node();
    node("pl011@1000");
    TEXT("compatible", "arm,pl011\0arm,primecell");
    WORDS("reg", 0, 0x1000, 0, 0x1000);
    WORDS("interrupts", 0, 1, 4);
    end_node();
    node("pl011@2000");
    TEXT("compatible", "arm,pl011");
    WORDS("reg", 0, 0x2000, 0, 0x1000);
    WORDS("interrupts", 0, 8, 4);
    end_node();
    CHECK_EQ(finish(), 0);
    CHECK_EQ(hw.uart_base, 0x2000);
    CHECK_EQ(hw.uart_intid, 40);
    CHECK_STR(hw.cmdline, "heap=1m  x");
}

TEST(disabled_devices_are_none) {
    begin();
    node("pl011@1000");
    TEXT("compatible", "arm,pl011");
    TEXT("status", "disabled");
    WORDS("reg", 0, 0x1000, 0, 0x1000);
    end_node();
    CHECK_EQ(finish(), 0);
    CHECK_EQ(hw.uart_base, 0);
}

TEST(msi_frames_and_what_overrides_their_register) {
    begin();
    node("intc@8000000");
    TEXT("compatible", "arm,gic-v3");
    WORDS("reg", 0, 0x08000000, 0, 0x10000, 0, 0x080a0000, 0, 0x40000);
    WORDS("#address-cells", 2);
    WORDS("#size-cells", 2);
    node("v2m@8020000");
    TEXT("compatible", "arm,gic-v2m-frame");
    WORDS("reg", 0, 0x08020000, 0, 0x1000);
    WORDS("arm,msi-base-spi", 53);
    WORDS("arm,msi-num-spis", 64);
    end_node();
    node("v2m@8030000");
    WORDS("arm,msi-num-spis", 8);
    TEXT("compatible", "arm,gic-v2m-frame");
    WORDS("reg", 0, 0x08030000, 0, 0x1000);
    prop("arm,msi-base-spi", "abc", 3); // too short to be a cell
    end_node();
    node("v2m@8040000");
    TEXT("compatible", "arm,gic-v2m-frame");
    WORDS("reg", 0, 0x08040000, 0, 0x1000);
    end_node();
    end_node();
    CHECK_EQ(finish(), 0);
    CHECK_EQ(hw.gic_version, 3);
    CHECK_EQ(hw.gicd, 0x08000000);
    CHECK_EQ(hw.gicr[0].base, 0x080a0000);
    CHECK_EQ(hw.v2m_count, 3);
    CHECK_EQ(hw.v2m[0].base, 0x08020000);
    CHECK_EQ(hw.v2m[0].spi_base, 53);
    CHECK_EQ(hw.v2m[0].spi_count, 64);
    CHECK_EQ(hw.v2m[1].base, 0x08030000);
    CHECK_EQ(hw.v2m[1].spi_base, 0);
    CHECK_EQ(hw.v2m[1].spi_count, 8);
    CHECK_EQ(hw.v2m[2].base, 0x08040000);
    CHECK_EQ(hw.v2m[2].spi_base, 0);
    CHECK_EQ(hw.v2m[2].spi_count, 0);
}

TEST(many_processors) {
    begin();
    node("cpus");
    WORDS("#address-cells", 1);
    WORDS("#size-cells", 0);
    for (uint32_t i = 0; i < 20; i++) {
        node("cpu");
        TEXT("device_type", "cpu");
        WORDS("reg", i);
        end_node();
    }
    end_node();
    CHECK_EQ(finish(), 0);
    CHECK_EQ(hw.cpu_count, 20);
    CHECK_EQ(hw.cpu_mpidr[19], 19);
}

TEST(odd_cells_and_short_properties) {
    begin();
    WORDS("#address-cells", 0x80000000);
    WORDS("#size-cells", 0x80000001);
    node("memory");
    TEXT("device_type", "memory");
    WORDS("reg", 1);
    end_node();
    node("i");
    TEXT("compatible", "arm,armv8-timer");
    WORDS("interrupts", 1, 13);
    end_node();
    CHECK_EQ(finish(), 0);
    CHECK_EQ(hw.mem_count, 0);
    CHECK_EQ(hw.timer_virt_intid, 0);
}

TEST(nested_too_deep) {
    begin();
    for (int i = 0; i < 100; i++) {
        node("n");
    }
    for (int i = 0; i < 100; i++) {
        end_node();
    }
    CHECK_EQ(finish(), -2);
}

TEST(cut_anywhere) {
    begin();
    node("memory");
    TEXT("device_type", "memory");
    WORDS("reg", 0, 0x40000000, 0, 0x1000);
    end_node();
    CHECK_EQ(finish(), 0);
    for (uint32_t len = 0; len < total; len++) {
        uint64_t *copy = malloc(len + 1);
        memcpy(copy, blob, len);
        memset(&hw, 0, sizeof(hw));
        CHECK(fdt_read(copy, len, &hw) < 0);
        free(copy);
    }
}

TEST(no_tree) {
    memset(blob, 0, sizeof(blob));
    CHECK_EQ(fdt_size(blob), 0);
    CHECK_EQ(fdt_read(blob, sizeof(blob), &hw), -1);
}
