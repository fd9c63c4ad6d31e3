// SPDX-License-Identifier: MIT
// The interrupt between CPUs: one SGI, which wakes whoever sleeps in WFI.

#ifndef PYRALLAX_SMPGIC_H
#define PYRALLAX_SMPGIC_H

#include <stdbool.h>
#include <stdint.h>

#define SMPGIC_SGI 15

// On each CPU itself.  The boot CPU's interface is set up already.  False: this CPU cannot be woken from WFI.
bool smpgic_init(bool boot_cpu, unsigned cpu);
// Interrupt that CPU, if it can be.
void smpgic_wake(unsigned cpu);
// On a parked CPU, interrupts masked: end what woke it.
void smpgic_ack(void);

#endif
