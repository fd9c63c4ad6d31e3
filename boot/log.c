// SPDX-License-Identifier: MIT
#include "log.h"

#define LINE_MAX 240 // without " cut=1" and the end of the line

static struct {
    char *buf;
    size_t cap;
    size_t len;
    size_t shown;
    size_t last;
    uint32_t lost;
    void (*sink)(const char *text, size_t len);
    size_t line_len;
    size_t mark; // where the key began that is being written
    bool full;   // it did not fit
    bool cut;    // something of this line was left out
    char line[LINE_MAX + 8];
} state;

static void put(char c) {
    if (state.line_len < LINE_MAX) {
        state.line[state.line_len++] = c;
    } else {
        state.full = true;
    }
}

static void puts_(const char *s) {
    while (*s != '\0') {
        put(*s++);
    }
}

static void put_key(const char *key) {
    state.mark = state.line_len;
    state.full = false;
    put(' ');
    puts_(key);
    put('=');
}

// A pair that does not fit is left out as a whole, so that every line keeps to the grammar.
static void end_value(void) {
    if (state.full) {
        state.line_len = state.mark;
        state.cut = true;
    }
}

static void show(void) {
    if (state.sink != NULL && state.shown < state.len) {
        state.sink(state.buf + state.shown, state.len - state.shown);
        state.shown = state.len;
    }
}

void log_init(char *buf, size_t cap) {
    state.buf = buf;
    state.cap = cap;
    state.len = 0;
    state.shown = 0;
    state.last = 0;
    state.lost = 0;
    state.sink = NULL;
}

void log_sink(void (*sink)(const char *text, size_t len)) {
    state.sink = sink;
    show();
}

size_t log_len(void) {
    return state.len;
}

uint32_t log_lost(void) {
    return state.lost;
}

const char *log_last(size_t *len) {
    *len = state.len - state.last;
    return state.buf + state.last;
}

void log_begin(const char *event) {
    state.line_len = 0;
    state.cut = false;
    puts_("[shim] ");
    puts_(event);
}

void log_hex(const char *key, uint64_t value) {
    put_key(key);
    puts_("0x");
    int shift = 60;
    while (shift > 0 && (value >> shift) == 0) {
        shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
        put("0123456789abcdef"[(value >> shift) & 15]);
    }
    end_value();
}

void log_dec(const char *key, uint64_t value) {
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    put_key(key);
    while (n > 0) {
        put(digits[--n]);
    }
    end_value();
}

void log_word(const char *key, const char *word) {
    put_key(key);
    puts_(word);
    end_value();
}

void log_text(const char *key, const char *text, size_t max) {
    put_key(key);
    put('"');
    for (size_t i = 0; i < max && text[i] != '\0'; i++) {
        unsigned char c = (unsigned char)text[i];
        bool plain = c >= 0x20 && c <= 0x7e && c != '"' && c != '\\';
        if (state.line_len + (plain ? 1 : 4) + 1 > LINE_MAX) { // room for the closing quote
            state.cut = true;
            break;
        }
        if (plain) {
            put((char)c);
        } else {
            puts_("\\x");
            put("0123456789abcdef"[c >> 4]);
            put("0123456789abcdef"[c & 15]);
        }
    }
    put('"');
    end_value();
}

void log_end(void) {
    if (state.cut) {
        __builtin_memcpy(state.line + state.line_len, " cut=1", 6);
        state.line_len += 6;
    }
    state.line[state.line_len++] = '\n';
    if (state.line_len > state.cap - state.len) {
        state.lost++;
        return;
    }
    __builtin_memcpy(state.buf + state.len, state.line, state.line_len);
    state.last = state.len;
    state.len += state.line_len;
    show();
}
