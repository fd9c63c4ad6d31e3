// SPDX-License-Identifier: MIT
// The end of a port's engine, and of all at a soft reset: nothing may write to memory that is about to be somebody else's.

#include "ahcicmd.h"

#include "io.h"
#include "klog.h"
#include "modules/dma/dma.h"
#include "softreset.h"
#include "timer.h"

#define HBA_CAP 0x00
#define HBA_GHC 0x04
#define GHC_HR 1u
#define HBA_PI 0x0c
#define HBA_PORTS 0x100
#define PX_BYTES 0x80
#define PX_IE 0x14
#define PX_CMD 0x18
#define CMD_ST 1u
#define CMD_FRE (1u << 4)
#define CMD_FR (1u << 14)
#define CMD_CR (1u << 15)

#define STOP_US 500000   // §10.1.2
#define RESET_US 1000000 // §10.4.3

// Change bits of a register and wait until `busy` is clear; whether it is, or nothing answers.
static bool settle(uintptr_t addr, uint32_t clear, uint32_t set, uint32_t busy, uint32_t us) {
    uint32_t value;
    uint64_t end = timer_after_us(us);
    if (!io_try_read32(addr, &value) || value == ~0u) {
        return true;
    }
    io_write32(addr, (value & ~clear) | set);
    do {
        value = io_read32(addr);
    } while (value != ~0u && (value & busy) && cntvct() < end);
    return value == ~0u || !(value & busy);
}

bool port_stop(port_t *p) {
    p->wild = !settle(p->regs->addr + PX_CMD, CMD_ST, 0, CMD_CR, STOP_US);
    return !p->wild;
}

static uintptr_t hbas[64]; // registers of the controllers that are in use; 0: free

bool hba_used(const hba_t *hba, bool on) {
    size_t at = MP_ARRAY_SIZE(hbas);
    for (size_t i = 0; i < MP_ARRAY_SIZE(hbas); i++) {
        if (hbas[i] == hba->regs->addr) {
            at = i;
            break;
        }
        at = hbas[i] == 0 && at == MP_ARRAY_SIZE(hbas) ? i : at;
    }
    if (at == MP_ARRAY_SIZE(hbas)) {
        return false;
    }
    hbas[at] = on ? hba->regs->addr : 0;
    return true;
}

// Stop the ports of a controller; false: one goes on.
static bool stop_ports(uintptr_t hba) {
    uint32_t cap, cmd;
    bool all = true;
    if (!io_try_read32(hba + HBA_CAP, &cap) || cap == ~0u) {
        return true; // it is gone
    }
    uint32_t ports = io_read32(hba + HBA_PI);
    for (ports = ports ? ports : (2u << (cap & 31)) - 1; ports != 0; ports &= ports - 1) {
        uintptr_t at = hba + HBA_PORTS + (size_t)__builtin_ctz(ports) * PX_BYTES;
        if (!io_try_read32(at + PX_CMD, &cmd)) {
            continue;
        }
        io_write32(at + PX_IE, 0);
        if (cmd & (CMD_ST | CMD_CR | CMD_FRE | CMD_FR)) {
            all &= settle(at + PX_CMD, CMD_ST, 0, CMD_CR, STOP_US) &&
                   settle(at + PX_CMD, CMD_FRE, 0, CMD_FR, STOP_US);
        }
    }
    return all;
}

static void stop_all(void) {
    for (size_t i = 0; i < MP_ARRAY_SIZE(hbas); i++) {
        uintptr_t hba = hbas[i];
        if (hba == 0 || stop_ports(hba) || settle(hba + HBA_GHC, 0, GHC_HR, GHC_HR, RESET_US)) {
            hbas[i] = 0;
        } else { // it stays in the list: the next soft reset tries again
            klog(KLOG_ERROR, "ahci: 0x%lx: not even a reset stops it, its memory stays taken",
                 (unsigned long)hba);
            dma_keep();
        }
    }
}
SOFTRESET_DEVICE(stop_all);
