// SPDX-License-Identifier: MIT
// Kernel log: a ring of lines, read by dmesg().  docs/log-format.md has the grammar.

#ifndef PYRALLAX_KLOG_H
#define PYRALLAX_KLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KLOG_RING 65536 // bytes, a power of two

typedef enum {
    KLOG_ERROR = 3, // the numbers are those of syslog (RFC 5424 §6.2.1)
    KLOG_WARN = 4,
    KLOG_INFO = 6,
    KLOG_DEBUG = 7,
} klog_level_t;

// Lines of this level and more urgent ones also go to the UART, outside raw REPL mode.
extern int klog_console_level;

void klog_init(void);
// One line: "<level>[seconds] text".  %s %d %u %x %lx %lu %c, with width.  IRQ-safe; cut at 240 bytes.
void klog(klog_level_t level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// A line that somebody else stamped: kept as it is.
void klog_raw(const char *text, size_t len);
// A line to the UART only, unless a client owns it (raw REPL mode): false then.
bool klog_console(const char *text, size_t len);
// Copy out at most len bytes from position *pos (monotonic); returns bytes copied and moves *pos on.  Starts at
// the oldest byte that is still there.
size_t klog_read(uint64_t *pos, char *buf, size_t len);
// Position after the newest byte; klog_size bytes before it are there.
uint64_t klog_end(void);
// Oldest position that is still there and starts a line.
uint64_t klog_start(void);
void klog_clear(void);

#endif
