// SPDX-License-Identifier: MIT
// Where controllers of disks and USB may be, for little enough that every boot can ask: pci.scan() costs 18 million
// instructions.

#include "storage.h"

#include <string.h>

#include "hw.h"
#include "io.h"
#include "py/runtime.h"

// Offsets in configuration space: PCI Local Bus 3.0 §6.2.1, PCI-to-PCI Bridge 1.2 §3.2.5.
#define CFG_ID 0x00
#define CFG_CLASS 0x08  // RO class, subclass, programming interface in 31:8
#define CFG_HEADER 0x0c // RO 23: several functions
#define CFG_BUSES 0x18  // secondary bus in 15:8, subordinate in 23:16

#define CLASS_AHCI 0x010601u
#define CLASS_XHCI 0x0c0330u
#define CLASS_BRIDGE 0x0604u
#define BUSES 256

typedef struct {
    const hw_ecam_t *ecam;
    uint32_t kind;           // class, subclass and programming interface looked for
    uint8_t seen[BUSES / 8]; // also what is to come
} walk_t;

// 0xffffffff where nothing answers.
static uint32_t cfg(const walk_t *w, uint32_t bus, uint32_t at, uint32_t offset) {
    uint32_t value;
    return io_try_read32(w->ecam->base + ((uint64_t)bus << 20) + at + offset, &value) ? value : ~0u;
}

// Whether this function is of that kind; the buses behind a bridge are marked.
static bool look(walk_t *w, uint32_t bus, uint32_t at) {
    uint32_t kind = cfg(w, bus, at, CFG_CLASS) >> 8;
    if (kind >> 8 == CLASS_BRIDGE) {
        uint32_t numbers = cfg(w, bus, at, CFG_BUSES);
        uint32_t first = numbers >> 8 & 0xff, last = numbers >> 16 & 0xff;
        // Ascending, so that one pass sees all.
        for (uint32_t b = first; bus < first && b <= last && b <= w->ecam->bus_last; b++) {
            w->seen[b / 8] |= 1u << b % 8;
        }
    }
    return kind == w->kind;
}

static bool on_bus(walk_t *w, uint32_t bus) {
    for (uint32_t dev = 0; dev < 32; dev++) {
        uint32_t at = dev << 15, id = cfg(w, bus, at, CFG_ID) & 0xffff;
        if (id == 0xffff || id == 0) {
            continue;
        }
        uint32_t functions = cfg(w, bus, at, CFG_HEADER) >> 23 & 1 ? 8 : 1;
        for (uint32_t fn = 0; fn < functions; fn++) {
            if (look(w, bus, at | fn << 12)) {
                return true;
            }
        }
    }
    return false;
}

static bool on_segment(const hw_ecam_t *ecam, uint32_t kind) {
    walk_t w = {.ecam = ecam, .kind = kind};
    w.seen[ecam->bus_first / 8] |= 1u << ecam->bus_first % 8;
    for (uint32_t bus = ecam->bus_first; bus <= ecam->bus_last && bus < BUSES; bus++) {
        if ((w.seen[bus / 8] >> bus % 8 & 1) && on_bus(&w, bus)) {
            return true;
        }
    }
    return false;
}

static bool on_pci(uint32_t kind) {
    for (uint32_t i = 0; i < hw.ecam_count; i++) {
        if (on_segment(&hw.ecam[i], kind)) {
            return true;
        }
    }
    return false;
}

// storage() -> 'pci': there is an AHCI function; 'acpi': the tables may describe a controller; None.
static mp_obj_t boot_storage(void) {
    if (on_pci(CLASS_AHCI)) {
        return MP_OBJ_NEW_QSTR(MP_QSTR_pci);
    }
    // QEMU's virt has no controller that is not on PCI, and reading its tables would cost two million instructions.
    if (hw.rsdp != 0 && strncmp(hw.vendor, "QEMU", 4) != 0) {
        return MP_OBJ_NEW_QSTR(MP_QSTR_acpi);
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_0(boot_storage_obj, boot_storage);

// usb() -> bool: there is an xHCI function.
static mp_obj_t boot_usb(void) {
    return mp_obj_new_bool(on_pci(CLASS_XHCI));
}
MP_DEFINE_CONST_FUN_OBJ_0(boot_usb_obj, boot_usb);
