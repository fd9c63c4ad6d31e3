// SPDX-License-Identifier: MIT
// Console UART: blocking output, interrupt-driven input into a ring.

#ifndef PYRALLAX_UART_H
#define PYRALLAX_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UART_RX_RING 65536 // bytes, a power of two

typedef struct {
    uint64_t received; // bytes that reached the ring
    uint64_t dropped;  // bytes thrown away because nobody read for UART_STALL_MS with the ring full
    uint64_t overruns; // times the hardware FIFO overran
    uint64_t interrupts; // receive interrupts
    uint64_t polls;      // timer polls that found data
} uart_stats_t;

extern uart_stats_t uart_stats;

// Output only; may be called before anything else works.
void uart_init_tx(void);
// Receive interrupt, or timer polling where none is known or none ever comes.
void uart_init_rx(void);
void uart_write(const char *buf, size_t len);
// Where the registers are; with alias, from now on used there.  0: there is no UART.
uintptr_t uart_rebase(uintptr_t alias);
// Wait until the last byte has left.
void uart_flush(void);
bool uart_tx_idle(void);
bool uart_rx_ready(void);
size_t uart_rx_count(void);
// Next byte, or -1.
int uart_rx_get(void);
// Another device's input: as if the UART had received it, the interrupt character included.  False: the ring is full.
bool uart_rx_put(uint8_t c);
// The last Ctrl-A, which begins raw REPL mode, came by uart_rx_put().
extern bool uart_raw_put;
// Have a byte come next.
void uart_rx_unget(uint8_t c);
// Read what the FIFO holds into the ring.  IRQ-safe.
void uart_rx_drain(void);

#endif
