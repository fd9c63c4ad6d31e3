// SPDX-License-Identifier: MIT
// Register windows, for C modules that work on one that Python gives them.

#ifndef PYRALLAX_MMIO_H
#define PYRALLAX_MMIO_H

#include <stdint.h>

#include "py/obj.h"

typedef struct {
    mp_obj_base_t base;
    uintptr_t addr;
    size_t size;
    uint8_t bits; // of an access by index
    qstr name;
    mp_obj_t trace; // None, or what mmio_record gets
} mmio_regs_t;

extern const mp_obj_type_t mmio_regs_type;

// Called for every access to a window whose trace is not None: before a store, after a load, and with MMIO_FAULT when
// either raises BusError.  NULL until the module that traces sets it.
enum { MMIO_WRITE = 1, MMIO_FAULT = 2 };
typedef void (*mmio_record_t)(mp_obj_t trace, const mmio_regs_t *regs, unsigned kind, unsigned bits,
                              size_t offset, uint64_t value);
extern mmio_record_t mmio_record;

// One load or store of the given width.  Raise IndexError outside the window, ValueError when misaligned, BusError when
// nothing answers.
uint64_t mmio_read(const mmio_regs_t *regs, size_t offset, unsigned bits);
void mmio_write(const mmio_regs_t *regs, size_t offset, unsigned bits, uint64_t value);
// The same of 32 bits for code that must not raise; false: outside, or nothing answered.  IRQ-safe.
bool mmio_try_read32(const mmio_regs_t *regs, size_t offset, uint32_t *value);
bool mmio_try_write32(const mmio_regs_t *regs, size_t offset, uint32_t value);

#endif
