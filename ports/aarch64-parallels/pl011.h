// SPDX-License-Identifier: MIT
// PrimeCell UART PL011 (ARM DDI 0183 r1p5 §3.3) and SBSA generic UART (BSA 1.0 appendix B): the registers both have.

#ifndef PYRALLAX_PL011_H
#define PYRALLAX_PL011_H

#define PL011_DR 0x00   // data, RW: bits 7:0; on read 11:8 are errors
#define PL011_FR 0x18   // flags, RO
#define PL011_IBRD 0x24 // integer baud divisor, RW, PL011 only
#define PL011_LCRH 0x2c // line control, RW, PL011 only
#define PL011_CR 0x30   // control, RW, PL011 only
#define PL011_IMSC 0x38 // interrupt mask set, RW
#define PL011_RIS 0x3c  // raw interrupt status, RO
#define PL011_MIS 0x40  // masked interrupt status, RO
#define PL011_ICR 0x44  // interrupt clear, W1C

#define PL011_DR_OE (1u << 11) // hardware FIFO overran
#define PL011_FR_BUSY (1u << 3)
#define PL011_FR_RXFE (1u << 4)
#define PL011_FR_TXFF (1u << 5)
#define PL011_LCRH_FEN (1u << 4)
#define PL011_LCRH_WLEN8 (3u << 5)
#define PL011_CR_UARTEN (1u << 0)
#define PL011_CR_TXE (1u << 8)
#define PL011_CR_RXE (1u << 9)
#define PL011_INT_RX (1u << 4)
#define PL011_INT_RT (1u << 6)
#define PL011_INT_OE (1u << 10)

#endif
