// SPDX-License-Identifier: MIT
// GICv3 ITS and LPIs: messages of PCI functions to this CPU.

#ifndef PYRALLAX_ITS_H
#define PYRALLAX_ITS_H

#include <stdbool.h>
#include <stdint.h>

// Set up tables and queue; what is set up already stays.  0, or -ENODEV where there is no usable ITS, -ENOMEM.
int its_init(void);
// its_init() succeeded.
bool its_ready(void);
// There is an ITS, and no attempt to set it up has failed.
bool its_possible(void);
// Physical address that a device writes its EventID to.
uint64_t its_doorbell(void);
// Let EventIDs first..first + count - 1 of the device raise the LPIs of the same index (IRQ_LPI + EventID).
// 0, or -ENODEV for a device number beyond the table, -ENOMEM, -EIO when the ITS does not obey.
int its_map(uint32_t device, uint32_t first, uint32_t count);
// Take them back; the last one frees the device's table.
void its_unmap(uint32_t device, uint32_t first, uint32_t count);

// Let the ITS and the redistributor forget their tables: the memory is about to be somebody else's.  For good.
void its_stop(void);

// For irq.c.  IRQ masked by the caller; bounded by ITS_WAIT_US each.
void its_enable(uint32_t intid, bool on);
void its_pend(uint32_t intid, bool on);
int its_priority(uint32_t intid, int priority);

#endif
