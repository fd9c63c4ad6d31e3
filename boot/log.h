// SPDX-License-Identifier: MIT
// The shim's log: lines of `[shim] event key=value …` in a buffer that the firmware inherits, shown live on
// the UART once there is one.  Grammar in docs/boot-shim.md.  Pure: compiles on the host.

#ifndef PYRALLAX_BOOT_LOG_H
#define PYRALLAX_BOOT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Use buf (cap bytes) from now on.
void log_init(char *buf, size_t cap);
// Show each line that is complete from now on, and all earlier ones at once.  NULL: stop.
void log_sink(void (*sink)(const char *text, size_t len));
size_t log_len(void);
// Lines that found the buffer full: neither kept nor shown.
uint32_t log_lost(void);
// The last complete line, for the screen.
const char *log_last(size_t *len);

// A line that grows too long loses whole pairs, or the end of a text, and gets ` cut=1`.
void log_begin(const char *event);
void log_hex(const char *key, uint64_t value);
void log_dec(const char *key, uint64_t value);
// One token without spaces.
void log_word(const char *key, const char *word);
// Quoted; what is not printable ASCII, '"' and '\' become \xNN.
void log_text(const char *key, const char *text, size_t max);
void log_end(void);

// LOG("gicd", log_hex("base", base), log_dec("version", 3));
#define LOG(event, ...) (log_begin(event), __VA_ARGS__, log_end())

#endif
