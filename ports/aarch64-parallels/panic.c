// SPDX-License-Identifier: MIT
// The panic block: fixed first and last line, grammar in docs/log-format.md, read by `inv symbolize`.  Uses
// nothing but the UART and the counter.

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "fault.h"
#include "hw.h"
#include "io.h"
#include "klog.h"
#include "memlayout.h"
#include "psci.h"
#include "py/mpprint.h"
#include "uart.h"

#define BACKTRACE_MAX 32
#define LOG_TAIL 1024

extern char __text_end[], __thread_stack_bottom[], __thread_stack_top[], __exc_stack_bottom[],
    __exc_stack_top[];

static void put(void *env, const char *s, size_t len) {
    (void)env;
    for (; len != 0; len--, s++) {
        if (*s == '\n') {
            uart_write("\r", 1);
        }
        uart_write(s, 1);
    }
}

static const mp_print_t out = {NULL, put};

static void puts_raw(const char *s) {
    while (*s != 0) {
        put(NULL, s++, 1);
    }
}

static bool on_stack(uint64_t fp) {
    return (fp & 7) == 0 &&
           ((fp >= (uint64_t)__thread_stack_bottom && fp + 16 <= (uint64_t)__thread_stack_top) ||
            (fp >= (uint64_t)__exc_stack_bottom && fp + 16 <= (uint64_t)__exc_stack_top));
}

static bool in_text(uint64_t pc) {
    return pc >= KERNEL_BASE && pc < (uint64_t)__text_end;
}

static void backtrace(const exc_frame_t *f) {
    unsigned n = 0;
    uint64_t fp = (uint64_t)__builtin_frame_address(0);
    if (f != NULL) {
        mp_printf(&out, "bt %u 0x%016lx\n", n++, f->elr);
        if (!in_text(f->elr) && in_text(f->x[30] - 4)) {
            mp_printf(&out, "bt %u 0x%016lx\n", n++, f->x[30] - 4); // a wild call: who made it
        }
        fp = f->x[29];
    }
    while (n < BACKTRACE_MAX && on_stack(fp)) {
        const uint64_t *frame = (const uint64_t *)fp;
        if (!in_text(frame[1] - 4)) {
            break;
        }
        mp_printf(&out, "bt %u 0x%016lx\n", n++, frame[1] - 4);
        if (frame[0] <= fp) {
            break;
        }
        fp = frame[0];
    }
}

static void log_tail(void) {
    uint64_t pos = klog_end() > LOG_TAIL ? klog_end() - LOG_TAIL : 0;
    char line[64];
    bool at_start = true;
    size_t n;
    while ((n = klog_read(&pos, line, sizeof(line))) != 0) {
        for (size_t i = 0; i < n; i++) {
            if (at_start) {
                puts_raw("log ");
            }
            put(NULL, &line[i], 1);
            at_start = line[i] == '\n';
        }
    }
    if (!at_start) {
        puts_raw("\n");
    }
}

unsigned panic_depth;

void panic(const exc_frame_t *f, const char *fmt, ...) {
    __asm__ volatile("msr daifset, #0xf" ::: "memory");
    if (panic_depth++ != 0) {
        if (panic_depth == 2) { // else it is the UART that faults
            puts_raw("\n=== END PANIC (fault while reporting) ===\n");
        }
        for (;;) {
            wfi();
        }
    }
    puts_raw("\n=== PYRALLAX PANIC 1 ===\nreason ");
    va_list args;
    va_start(args, fmt);
    mp_vprintf(&out, fmt, args);
    va_end(args);
    puts_raw("\nbuild ");
    for (int i = 0; i < 20; i++) {
        mp_printf(&out, "%02x", hw.build_id[i]);
    }
    puts_raw("\n");
    if (f != NULL) {
        mp_printf(&out, "class %s\n", fault_class_name(f->esr));
        mp_printf(&out, "pc 0x%016lx lr 0x%016lx sp 0x%016lx\n", f->elr, f->x[30], f->sp);
        mp_printf(&out, "esr 0x%08lx far 0x%016lx spsr 0x%08lx\n", f->esr, f->far, f->spsr);
        for (int i = 0; i < 31; i++) {
            mp_printf(&out, "x%d 0x%016lx%c", i, f->x[i], i % 4 == 3 || i == 30 ? '\n' : ' ');
        }
    }
    backtrace(f);
    log_tail();
    puts_raw("=== END PANIC ===\n");
    uart_flush();
    char action[8] = "";
    if (hw_option("panic", action, sizeof(action)) != NULL && action[0] == 'r') {
        psci_system_reset();
    } else if (action[0] == 'o') {
        psci_system_off();
    }
    for (;;) {
        wfi();
    }
}
