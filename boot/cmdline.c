// SPDX-License-Identifier: MIT
#include "cmdline.h"

#include "log.h"
#include "win.h"

#define MAX_SOURCE_LEN 65536

typedef struct {
    hw_config_t *hw;
    size_t len;
    uint32_t dropped;  // characters that did not fit
    uint32_t replaced; // control characters
    bool blank;
    bool comment;
    bool line_start;
} sink_t;

static sink_t open_sink(hw_config_t *hw) {
    sink_t s = {.hw = hw, .blank = true, .line_start = true};
    while (s.len < HW_CMDLINE_LEN - 1 && hw->cmdline[s.len] != '\0') {
        s.len++;
    }
    return s;
}

static void emit(sink_t *s, char c) {
    if (s->len < HW_CMDLINE_LEN - 1) {
        s->hw->cmdline[s->len++] = c;
    } else {
        s->dropped++;
    }
}

static void put(sink_t *s, uint32_t c) {
    if (c == '\n' || c == '\r') {
        s->line_start = true;
        s->comment = false;
        s->blank = true;
        return;
    }
    if (s->line_start && c == '#') {
        s->comment = true;
    }
    if (s->comment) {
        return;
    }
    if (c < 0x20 || c == 0x7f) {
        s->replaced += c != '\t';
        c = ' ';
    }
    if (c == ' ') {
        s->blank = true;
        return;
    }
    s->line_start = false;
    if (s->blank && s->len > 0) {
        emit(s, ' ');
    }
    s->blank = false;
    emit(s, (char)c);
}

static void close_sink(sink_t *s, const char *source) {
    char *text = s->hw->cmdline;
    if (s->dropped > 0) { // end at a whole word, and never inside a UTF-8 sequence
        while (s->len > 0 && text[s->len - 1] != ' ') {
            s->len--;
        }
    }
    while (s->len > 0 && text[s->len - 1] == ' ') {
        s->len--;
    }
    __builtin_memset(text + s->len, 0, HW_CMDLINE_LEN - s->len);
    if (s->dropped > 0 || s->replaced > 0) {
        LOG("cmdline-odd", log_word("source", source), log_dec("dropped", s->dropped),
            log_dec("control", s->replaced));
    }
}

static size_t clip(const char *source, size_t len) {
    if (len > MAX_SOURCE_LEN) {
        LOG("cmdline-odd", log_word("source", source), log_dec("clipped", len));
        return MAX_SOURCE_LEN;
    }
    return len;
}

void cmdline_add_text(hw_config_t *hw, const char *source, const void *text, size_t len) {
    win_t w = {text, clip(source, len)};
    sink_t s = open_sink(hw);
    size_t start = win_equal(w, 0, "\xef\xbb\xbf", 3) ? 3 : 0; // byte order mark of some editors
    for (size_t i = start; i < w.len && w.p[i] != 0; i++) {
        put(&s, w.p[i]);
    }
    close_sink(&s, source);
}

static bool is_text(win_t w) {
    for (size_t i = 0; win_has(w, i, 2); i += 2) {
        uint16_t c = win_u16(w, i);
        if (c == 0) {
            return i > 0;
        }
        if (c > 0x7e || (c < 0x20 && c != '\t' && c != '\r' && c != '\n')) {
            return false;
        }
    }
    return w.len >= 2;
}

// Offset behind a first word that ends in ".efi", else 0.
static size_t skip_name(win_t w) {
    size_t end = 0;
    while (win_u16(w, end) > ' ') {
        end += 2;
    }
    static const char suffix[4] = {'.', 'e', 'f', 'i'};
    for (size_t i = 0; i < 4; i++) {
        if (end < 8 || (win_u16(w, end - 8 + 2 * i) | (i > 0 ? 0x20 : 0)) != suffix[i]) {
            return 0;
        }
    }
    return end;
}

void cmdline_add_ucs2(hw_config_t *hw, const char *source, const void *text, size_t len) {
    win_t w = {text, clip(source, len)};
    if (len == 0) {
        return;
    }
    if (!is_text(w)) {
        LOG("cmdline-odd", log_word("source", source), log_dec("binary", len));
        return;
    }
    sink_t s = open_sink(hw);
    for (size_t i = skip_name(w); win_has(w, i, 2) && win_u16(w, i) != 0; i += 2) {
        put(&s, win_u16(w, i));
    }
    close_sink(&s, source);
}
