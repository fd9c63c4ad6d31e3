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
    static const uint16_t options[] = {'a', '=', '1', ' ', 0xe4, 0};
    cmdline_add_ucs2(&hw, "options", options, sizeof(options));
    CHECK_STR(hw.cmdline, "log=debug heap=64M x a=1 ?");
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

TEST(odd_sizes) {
    begin();
    cmdline_add_ucs2(&hw, "options", "x", 1);
    cmdline_add_ucs2(&hw, "options", "", 0);
    cmdline_add_text(&hw, "file", "\xef\xbb\xbfq=1", 6);
    CHECK_STR(hw.cmdline, "q=1");
}
