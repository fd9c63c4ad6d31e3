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
#include "postmortem.h"
#include "psci.h"
#include "py/mpprint.h"
#include "pyframe.h"
#include "smp.h"
#include "uart.h"

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
            (fp >= (uint64_t)__exc_stack_bottom && fp + 16 <= (uint64_t)__exc_stack_top) ||
            smp_on_stack(fp));
}

static bool in_text(uint64_t pc) {
    return pc >= KERNEL_BASE && pc < (uint64_t)__text_end;
}

static void found(uint64_t pc) {
    panic_record_t *r = &panic_record;
    if (r->bt_count < PANIC_BACKTRACE_MAX) {
        mp_printf(&out, "bt %u 0x%016lx\n", r->bt_count, pc);
        r->bt[r->bt_count++] = pc;
    }
}

static void backtrace(const exc_frame_t *f) {
    uint64_t fp = (uint64_t)__builtin_frame_address(0);
    if (f != NULL) {
        found(f->elr);
        if (!in_text(f->elr) && in_text(f->x[30] - 4)) {
            found(f->x[30] - 4); // a wild call: who made it
        }
        fp = f->x[29];
    }
    while (panic_record.bt_count < PANIC_BACKTRACE_MAX && on_stack(fp)) {
        const uint64_t *frame = (const uint64_t *)fp;
        if (!in_text(frame[1] - 4)) {
            break;
        }
        found(frame[1] - 4);
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
panic_record_t panic_record;

__attribute__((noreturn)) static void halt(void) {
    for (;;) {
        wfi();
    }
}

typedef struct {
    char *text;
    size_t len, room;
} text_t;

static void text_put(void *env, const char *s, size_t len) {
    text_t *t = env;
    for (; len != 0 && t->len + 1 < t->room; len--) {
        t->text[t->len++] = *s++;
    }
}

static void python_frames(void) {
    text_t text = {panic_record.python, 0, sizeof(panic_record.python)};
    mp_print_t print = {&text, text_put};
    pyframe_t frame;
    for (unsigned n = 0; n < PANIC_BACKTRACE_MAX && pyframe_at(n, &frame); n++) {
        size_t start = text.len;
        mp_printf(&print, "%q:%u %q\n", frame.file, (unsigned)frame.line, frame.function);
        if (text.len + 1 == text.room) {
            text.len = start; // half a line is none
            break;
        }
        mp_printf(&out, "py %u ", n);
        put(NULL, text.text + start, text.len - start);
    }
    text.text[text.len] = 0;
}

static void record(const exc_frame_t *f, const char *fmt, va_list args) {
    panic_record_t *r = &panic_record;
    text_t text = {r->reason, 0, sizeof(r->reason)};
    mp_print_t print = {&text, text_put};
    mp_vprintf(&print, fmt, args);
    r->reason[text.len] = 0;
    r->cntvct = cntvct();
    r->has_frame = f != NULL;
    if (f != NULL) {
        r->frame = *f;
    }
    r->happened = true;
}

char panic_policy(void) {
    char action[8];
    return hw_option("panic", action, sizeof(action)) != NULL ? action[0] : 'p';
}

void panic(const exc_frame_t *f, const char *fmt, ...) {
    __asm__ volatile("msr daifset, #0xf" ::: "memory");
    if (smp_self() != 0) {
        va_list why;
        va_start(why, fmt);
        smp_panic(f, fmt, why);
        va_end(why);
        if (panic_depth != 0) {
            halt(); // the boot CPU is beyond answering because it reports already
        }
    }
    if (postmortem_active) {
        postmortem_active = false;
        puts_raw("\n=== POST-MORTEM FAULT: ");
        va_list args;
        va_start(args, fmt);
        mp_vprintf(&out, fmt, args);
        va_end(args);
        puts_raw(", halted ===\n");
        halt();
    }
    if (panic_depth++ != 0) {
        if (panic_depth == 2) { // else it is the UART that faults
            puts_raw("\n=== END PANIC (fault while reporting) ===\n");
        }
        halt();
    }
    smp_halt();
    puts_raw("\n=== PYRALLAX PANIC 1 ===\nreason ");
    if (smp_self() != 0) {
        mp_printf(&out, "CPU %u: ", smp_self() - 1);
    }
    va_list args;
    va_start(args, fmt);
    record(f, fmt, args);
    va_end(args);
    puts_raw(panic_record.reason);
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
    if (postmortem_allowed) {
        python_frames();
    }
    log_tail();
    puts_raw("=== END PANIC ===\n");
    uart_flush();
    switch (panic_policy()) {
        case 'r':
            psci_system_reset();
            break;
        case 'o':
            psci_system_off();
            break;
        case 'h':
            break;
        default:
            postmortem_enter();
    }
    halt();
}
