// SPDX-License-Identifier: MIT
// sources: boot/log.c
#include "../../boot/log.h"
#include "check.h"

static char text[4096];
static char shown[4096];

static void sink(const char *s, size_t len) {
    strncat(shown, s, len);
}

static void begin(size_t cap) {
    memset(text, 0, sizeof(text));
    memset(shown, 0, sizeof(shown));
    log_init(text, cap);
}

TEST(values) {
    begin(4000);
    LOG("one", log_hex("a", 0), log_hex("b", ~0ull), log_dec("c", 0), log_dec("d", ~0ull),
        log_word("e", "x"), log_text("f", "a b\"\\\n\xe4", 20));
    CHECK_STR(text, "[shim] one a=0x0 b=0xffffffffffffffff c=0 d=18446744073709551615 e=x "
                    "f=\"a b\\x22\\x5c\\x0a\\xe4\"\n");
}

TEST(text_is_cut_inside_its_quotes) {
    char big[500];
    memset(big, '\n', sizeof(big));
    for (size_t max = 0; max < sizeof(big); max++) {
        begin(4000);
        big[0] = max % 2 ? 'x' : '\n';
        LOG("long", log_text("t", big, max), log_hex("after", 1));
        size_t len = strlen(text);
        CHECK(len < 256 && text[len - 1] == '\n');
        CHECK(strstr(text, "\\x0a\" ") != NULL || max < 3 || strstr(text, "after=0x1\n") != NULL);
        CHECK_EQ(strstr(text, " cut=1\n") != NULL, strstr(text, "after=0x1\n") == NULL);
    }
}

TEST(pairs_are_left_out_whole) {
    begin(4000);
    log_begin("many");
    for (int i = 0; i < 40; i++) {
        log_hex("key", 0x123456789);
    }
    log_end();
    CHECK(strstr(text, "key=0x123456789 cut=1\n") != NULL);
    CHECK(strlen(text) < 256);
}

TEST(sink_gets_what_was_before) {
    begin(4000);
    LOG("a", log_dec("n", 1));
    log_sink(sink);
    CHECK_STR(shown, "[shim] a n=1\n");
    LOG("b", log_dec("n", 2));
    CHECK_STR(shown, text);
    size_t len;
    CHECK(memcmp(log_last(&len), "[shim] b n=2\n", 13) == 0);
    CHECK_EQ(len, 13);
}

TEST(full_buffer) {
    begin(30);
    LOG("a", log_dec("n", 1));
    LOG("b", log_dec("n", 2));
    LOG("c", log_dec("n", 3));
    CHECK_EQ(log_len(), 26);
    CHECK_EQ(log_lost(), 1);
}
