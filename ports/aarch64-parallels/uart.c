// SPDX-License-Identifier: MIT
// Console UART.  On Parallels a plain store to DR transmits with no set-up, and nobody has ever seen its
// receive side work (reference P18, P19): so SBSA rules are enough for output, and input has two ways in.

#include "uart.h"

#include "hw.h"
#include "io.h"
#include "irq.h"
#include "irqpy.h"
#include "klog.h"
#include "pl011.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/readline/readline.h"
#include "shared/runtime/interrupt_char.h"
#include "timer.h"

// Without a receive interrupt the FIFO is polled at 50 Hz, and at 1 kHz for a while after data was found.
#define POLL_SLOW_US 20000
#define POLL_FAST_US 1000
#define POLL_FAST_COUNT 200
#define STORM 10000u // interrupts in a row without a byte
// A full ring holds the sender back (the FIFO fills) for this long; then input nobody reads is dropped, so
// that the interrupt character behind it still gets through.
#define UART_STALL_MS 1000

uart_stats_t uart_stats;

static uintptr_t base;
static uint8_t ring[UART_RX_RING];
static uint32_t ring_put, ring_get; // free running; put: IRQ, get: thread
static bool held;                   // receive interrupt masked because the ring is full
static bool discard;                // ring full for too long: drop instead of holding
static uint32_t fast_polls;
bool uart_raw_put;
static bool proven;         // an interrupt brought a byte: no polling
static uint32_t empty_irqs; // in a row

static void poll_timer(void);
static uint32_t drain(void);

void uart_init_tx(void) {
    base = hw.uart_kind == HW_UART_NONE ? 0 : hw.uart_base;
    if (base != 0 && hw.uart_kind == HW_UART_PL011 && hw.uart_from == HW_FROM_FDT) {
        // No firmware ran: FIFOs on, 8 bits, enabled.  The baud rate of an emulated UART is ignored.
        io_write32(base + PL011_CR, 0);
        io_write32(base + PL011_IBRD, 1);
        io_write32(base + PL011_LCRH, PL011_LCRH_FEN | PL011_LCRH_WLEN8);
        io_write32(base + PL011_CR, PL011_CR_UARTEN | PL011_CR_TXE | PL011_CR_RXE);
    }
}

uintptr_t uart_rebase(uintptr_t alias) {
    uintptr_t old = base;
    if (base != 0 && alias != 0) {
        base = alias;
    }
    return old;
}

void uart_write(const char *buf, size_t len) {
    if (base == 0) {
        return;
    }
    while (len-- != 0) {
        while (io_read32(base + PL011_FR) & PL011_FR_TXFF) {
        }
        io_write32(base + PL011_DR, (uint8_t)*buf++);
    }
}

bool uart_tx_idle(void) {
    return base == 0 || !(io_read32(base + PL011_FR) & PL011_FR_BUSY);
}

void uart_flush(void) {
    while (!uart_tx_idle()) {
    }
}

size_t uart_rx_count(void) {
    return __atomic_load_n(&ring_put, __ATOMIC_ACQUIRE) - ring_get;
}

bool uart_rx_ready(void) {
    return uart_rx_count() != 0;
}

int uart_rx_get(void) {
    if (!uart_rx_ready()) {
        return -1;
    }
    int c = ring[ring_get % UART_RX_RING];
    __atomic_store_n(&ring_get, ring_get + 1, __ATOMIC_RELEASE);
    if ((held || discard) && uart_rx_count() <= UART_RX_RING / 2) {
        uint64_t state = irq_save();
        held = false;
        discard = false;
        timer_cancel(TIMER_UART_STALL);
        io_write32(base + PL011_IMSC, PL011_INT_RX | PL011_INT_RT);
        uart_rx_drain();
        irq_restore(state);
    }
    return c;
}

bool uart_rx_put(uint8_t c) {
    bool taken = true;
    uint64_t state = irq_save();
    uart_raw_put |= c == CHAR_CTRL_A;
    if (c == mp_interrupt_char) {
        irqpy_keyboard_interrupt();
    } else if (ring_put - ring_get < UART_RX_RING) {
        ring[ring_put % UART_RX_RING] = c;
        __atomic_store_n(&ring_put, ring_put + 1, __ATOMIC_RELEASE);
    } else {
        taken = false;
    }
    irq_seen = 1; // who looked into the ring before must not sleep now
    irq_restore(state);
    return taken;
}

void uart_rx_unget(uint8_t c) {
    uint64_t state = irq_save();
    if (ring_put - ring_get < UART_RX_RING) {
        ring[--ring_get % UART_RX_RING] = c;
    }
    irq_restore(state);
}

static void stall(void) {
    if (held) {
        held = false;
        discard = true;
        io_write32(base + PL011_IMSC, PL011_INT_RX | PL011_INT_RT);
        // The interrupt's cause was acknowledged before the FIFO was full: only an empty FIFO brings the next.
        uart_rx_drain();
    }
}

// Bytes taken from the FIFO, the interrupt character among them.
static uint32_t drain(void) {
    uint32_t taken = 0;
    while (base != 0 && !(io_read32(base + PL011_FR) & PL011_FR_RXFE)) {
        if (ring_put - ring_get >= UART_RX_RING && !discard) {
            if (!held) {
                held = true;
                io_write32(base + PL011_IMSC, 0);
                timer_set(TIMER_UART_STALL, timer_after_us(UART_STALL_MS * 1000ull), stall);
            }
            return taken;
        }
        uint32_t d = io_read32(base + PL011_DR);
        taken++;
        if (d & PL011_DR_OE) {
            uart_stats.overruns++;
        }
        uint8_t c = (uint8_t)d;
        uart_raw_put &= c != CHAR_CTRL_A;
        if (c == mp_interrupt_char) {
            irqpy_keyboard_interrupt();
        } else if (ring_put - ring_get < UART_RX_RING) {
            ring[ring_put % UART_RX_RING] = c;
            __atomic_store_n(&ring_put, ring_put + 1, __ATOMIC_RELEASE);
            uart_stats.received++;
        } else {
            uart_stats.dropped++;
        }
    }
    return taken;
}

void uart_rx_drain(void) {
    drain();
}

static void uart_irq(uint32_t intid, void *arg) {
    (void)arg;
    io_write32(base + PL011_ICR, PL011_INT_RX | PL011_INT_RT | PL011_INT_OE);
    uart_stats.interrupts++;
    if (drain() != 0) {
        empty_irqs = 0;
        if (!proven) {
            proven = true;
            timer_cancel(TIMER_UART_POLL); // receive interrupts work here
        }
    } else if (!held && ++empty_irqs == STORM) {
        // Nobody has seen this line work on Parallels (reference P19): one that cannot be cleared must not take the CPU.
        irq_disable(intid);
        proven = false;
        timer_set(TIMER_UART_POLL, timer_after_us(POLL_FAST_US), poll_timer);
        klog(KLOG_WARN, "uart: %u interrupts without a byte, INTID %u disabled, polling", STORM,
             intid);
    }
}

static void poll_timer(void) {
    uint32_t taken = held ? 0 : drain();
    if (taken != 0) {
        uart_stats.polls++;
        fast_polls = POLL_FAST_COUNT;
    } else if (fast_polls != 0) {
        fast_polls--;
    }
    timer_set(TIMER_UART_POLL, timer_after_us(fast_polls ? POLL_FAST_US : POLL_SLOW_US),
              poll_timer);
}

void uart_init_rx(void) {
    if (base == 0) {
        return;
    }
    char mode[8];
    bool polled =
        hw.uart_intid == 0 || (hw_option("uart", mode, sizeof(mode)) != NULL && mode[0] == 'p');
    if (!polled) {
        irq_install(hw.uart_intid, uart_irq, NULL, IRQ_LEVEL);
        irq_name(hw.uart_intid, "uart");
        irq_enable(hw.uart_intid);
    }
    io_write32(base + PL011_ICR, 0x7ff);
    io_write32(base + PL011_IMSC, polled ? 0 : PL011_INT_RX | PL011_INT_RT);
    timer_set(TIMER_UART_POLL, timer_after_us(POLL_SLOW_US), poll_timer);
}
