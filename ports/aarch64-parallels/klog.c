// SPDX-License-Identifier: MIT
// Kernel log ring.

#include "klog.h"

#include <stdarg.h>

#include "hw.h"
#include "io.h"
#include "py/mpconfig.h"
#include "py/misc.h"
#include "py/mpprint.h"
#include "shared/runtime/pyexec.h"
#include "timer.h"
#include "uart.h"

#define LINE_MAX 240

int klog_console_level = KLOG_WARN;

static char ring[KLOG_RING];
static uint64_t end;   // bytes ever written
static uint64_t start; // cleared up to here

void klog_init(void) {
    char level[4];
    if (hw_option("loglevel", level, sizeof(level)) != NULL && level[0] >= '0' && level[0] <= '7') {
        klog_console_level = level[0] - '0';
    }
    if (hw.log_len != 0 && hw.log_phys != 0) {
        const char *text = (const char *)(uintptr_t)hw.log_phys;
        klog_raw(text, hw.log_len);
        if (text[hw.log_len - 1] != '\n') {
            klog_raw("\n", 1);
        }
    }
}

bool klog_console(const char *text, size_t len) {
    if (pyexec_mode_kind == PYEXEC_MODE_RAW_REPL) {
        return false; // clients own the line
    }
    uart_write(text, len);
    uart_write("\r\n", 2);
    return true;
}

void klog_raw(const char *text, size_t len) {
    uint64_t state = irq_save();
    for (size_t i = 0; i < len; i++) {
        ring[end++ % KLOG_RING] = text[i];
    }
    irq_restore(state);
}

typedef struct {
    char text[LINE_MAX];
    size_t len;
} line_t;

static void line_put(void *data, const char *s, size_t len) {
    line_t *l = data;
    while (len-- != 0 && l->len < LINE_MAX) {
        char c = *s++;
        l->text[l->len++] = (unsigned char)c < 0x20 ? ' ' : c; // one line stays one line
    }
}

void klog(klog_level_t level, const char *fmt, ...) {
    line_t l;
    l.len = 0;
    mp_print_t print = {&l, line_put};
    uint64_t us = timer_hz != 0 ? timer_to_us(cntvct()) : 0;
    mp_printf(&print, "<%d>[%5u.%06u] ", level, (unsigned)(us / 1000000), (unsigned)(us % 1000000));
    va_list args;
    va_start(args, fmt);
    mp_vprintf(&print, fmt, args);
    va_end(args);
    uint64_t state = irq_save();
    klog_raw(l.text, l.len);
    klog_raw("\n", 1);
    irq_restore(state);
    if ((int)level <= klog_console_level) {
        klog_console(l.text, l.len);
    }
}

uint64_t klog_end(void) {
    return end;
}

uint64_t klog_start(void) {
    uint64_t from = end > KLOG_RING ? end - KLOG_RING : 0;
    if (from <= start) {
        return start;
    }
    // The oldest line lost its head: start at the next one.
    while (from < end && ring[from % KLOG_RING] != '\n') {
        from++;
    }
    return from < end ? from + 1 : from;
}

size_t klog_read(uint64_t *pos, char *buf, size_t len) {
    uint64_t oldest = klog_start();
    if (*pos < oldest) {
        *pos = oldest;
    }
    size_t n = 0;
    while (n < len && *pos < end) {
        buf[n++] = ring[(*pos)++ % KLOG_RING];
    }
    return n;
}

void klog_clear(void) {
    start = end;
}
