// SPDX-License-Identifier: MIT
// sources: boot/cmdline.c boot/log.c
#include "../../boot/cmdline.h"
#include "../../boot/log.h"
#include "check.h"

static hw_config_t hw;
static char text[65536];

static void begin(void) {
    memset(&hw, 0, sizeof(hw));
    memset(text, 0, sizeof(text));
    log_init(text, sizeof(text) - 1);
}

static void add(const char *s) {
    cmdline_add_text(&hw, "file", s, strlen(s));
}

TEST(joined) {
    begin();
    add("log=debug\n\n  heap=64M \t x\n");
    static const uint16_t options[] = {'a', '=', '1', ' ', 0};
    cmdline_add_ucs2(&hw, "options", options, sizeof(options));
    CHECK_STR(hw.cmdline, "log=debug heap=64M x a=1");
    CHECK_STR(text, "");
}

TEST(comments) {
    begin();
    add("# note\na=1\n  # more\nb=#2 #c\r\n#end");
    CHECK_STR(hw.cmdline, "a=1 b=#2 #c");
}

TEST(control_characters) {
    begin();
    add("a\001b\033[31m\177c");
    CHECK_STR(hw.cmdline, "a b [31m c");
    CHECK_STR(text, "[shim] cmdline-odd source=file dropped=0 control=3\n");
}

TEST(overlong) {
    begin();
    static char big[5000];
    for (size_t i = 0; i < sizeof(big) - 1; i++) {
        big[i] = i % 10 == 9 ? ' ' : 'x';
    }
    add(big);
    size_t len = strlen(hw.cmdline);
    CHECK(len < HW_CMDLINE_LEN && len > HW_CMDLINE_LEN - 12);
    CHECK_EQ(len % 10, 9); // whole words
    CHECK(strstr(text, "cmdline-odd source=file dropped=") != NULL);
    add("more");
    CHECK(strlen(hw.cmdline) < HW_CMDLINE_LEN);
}

TEST(one_endless_word) {
    begin();
    static char big[100000];
    memset(big, 'y', sizeof(big));
    cmdline_add_text(&hw, "file", big, sizeof(big));
    CHECK_STR(hw.cmdline, "");
    CHECK(strstr(text, "clipped=100000") != NULL);
}

static void options(const char *s) {
    uint16_t wide[64];
    size_t n = 0;
    do {
        wide[n] = (uint8_t)s[n];
    } while (s[n++] != 0);
    cmdline_add_ucs2(&hw, "options", wide, 2 * n);
}

TEST(program_name_of_the_shell) {
    begin();
    options("FS0:\\EFI\\BOOT\\BOOTAA64.EFI a=1");
    options("x.efi");
    options(".efix b=2");
    CHECK_STR(hw.cmdline, "a=1 .efix b=2");
    CHECK_STR(text, "");
}

TEST(binary_options) {
    begin();
    static const uint8_t guid[] = {0x4e, 0xac, 0x08, 0x81, 0x11, 0x9f, 0x59, 0x4d};
    cmdline_add_ucs2(&hw, "options", guid, sizeof(guid));
    CHECK_STR(hw.cmdline, "");
    CHECK_STR(text, "[shim] cmdline-odd source=options binary=8\n");
}

TEST(odd_sizes) {
    begin();
    cmdline_add_ucs2(&hw, "options", "x", 1);
    cmdline_add_ucs2(&hw, "options", "", 0);
    cmdline_add_text(&hw, "file", "\xef\xbb\xbfq=1", 6);
    CHECK_STR(hw.cmdline, "q=1");
}
