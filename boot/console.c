// SPDX-License-Identifier: MIT
// Where text goes: the firmware's console (screen, and its own serial line) for the banner and errors, the UART
// for the log; without a UART the console has both.

#include "arch.h"
#include "log.h"
#include "shim.h"

// PL011 (DDI 0183G), also the SBSA generic UART
#define UART_DR 0x00 // RW
#define UART_FR 0x18 // RO
#define FR_TXFF (1u << 5)
#define TXFF_SPINS                                                                                 \
    1000000 // some 10 ms to s: longer than a FIFO at 9600 baud on any machine we know

static uint64_t uart;
static efi_system_table_t *screen; // shows the log where there is no UART

static void uart_put(char c) {
    for (unsigned i = 0; (mmio_read32(uart + UART_FR) & FR_TXFF) != 0; i++) {
        if (i == TXFF_SPINS) {
            uart = 0; // nobody drains it: boot goes on without
            return;
        }
    }
    mmio_write32(uart + UART_DR, (uint8_t)c);
}

static void uart_write(const char *text, size_t len) {
    for (size_t i = 0; i < len && uart != 0; i++) {
        if (text[i] == '\n') {
            uart_put('\r');
        }
        if (uart != 0) {
            uart_put(text[i]);
        }
    }
}

static void screen_write(efi_system_table_t *st, const char *text, size_t len) {
    efi_char_t wide[256];
    size_t n = 0;
    for (size_t i = 0; st->out != NULL && i < len; i++) {
        if (text[i] == '\n') {
            wide[n++] = '\r';
        }
        wide[n++] = (uint8_t)text[i];
        if (n >= sizeof(wide) / sizeof(wide[0]) - 2 || i + 1 == len) {
            wide[n] = 0;
            st->out->output_string(st->out, wide);
            n = 0;
        }
    }
}

static void screen_log(const char *text, size_t len) {
    screen_write(screen, text, len);
}

void console_banner(efi_system_table_t *st, const char *text) {
    size_t len = 0;
    while (text[len] != '\0') {
        len++;
    }
    screen_write(st, text, len);
}

void console_screen(efi_system_table_t *st) {
    screen = st;
    log_sink(screen_log);
}

void console_leave(void) {
    if (screen != NULL) {
        console_banner(screen, "Pyrallax: no UART is known: the prompt cannot be shown\n");
        screen = NULL;
        log_sink(NULL);
    }
}

void console_uart(uint64_t base) {
    uart = base;
    log_sink(base != 0 ? uart_write : NULL);
}

void console_error(shim_t *shim) {
    size_t len;
    const char *line = log_last(&len);
    if (!shim->left && screen == NULL) {
        screen_write(shim->st, line, len);
    }
}
