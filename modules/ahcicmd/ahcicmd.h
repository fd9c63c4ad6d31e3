// SPDX-License-Identifier: MIT
// What the files of module ahcicmd share.  AHCI 1.3.1; registers:
//   HBA   IS 0x08 §3.1.3
//   port  PxIS 0x10 §3.3.5, PxCMD 0x18 §3.3.7, PxTFD 0x20 §3.3.8, PxSERR 0x30 §3.3.12, PxSACT 0x34 §3.3.13,
//         PxCI 0x38 §3.3.14

#ifndef PYRALLAX_AHCICMD_H
#define PYRALLAX_AHCICMD_H

#include "fis.h"
#include "modules/mmio/mmio.h"
#include "py/obj.h"

#define AHCI_SLOTS 32
#define AHCI_PORTS 32
#define AHCI_PENDING 1 // result of a slot that has none yet

typedef struct port port_t;

typedef struct {
    uint8_t what; // FIS_*
    uint8_t prds; // its table keeps them until the slot is let go
    int16_t result;
    uint32_t blocks;
    uint64_t lba;
    uint64_t since; // CNTVCT when it was issued
    mp_obj_t obj;   // kept from the collector while hardware has its address
} slot_t;

// A piece of memory that a command reads or writes.
typedef struct {
    uint8_t *data;
    size_t len;
} piece_t;

typedef struct {
    mp_obj_base_t base;
    mmio_regs_t *regs;
    port_t *ports[AHCI_PORTS];
    mp_obj_t
        notify; // called softly with a port that needs attention and that nobody waits for; or None
    uint32_t irq;     // interrupts come; else everything is polled
    uint32_t irqs;    // how many came
    uint32_t missing; // how often IS did not show a port that had something
    uint32_t plugged; // empty ports that are no longer, until Python clears it
} hba_t;

struct port {
    mp_obj_base_t base;
    hba_t *hba;
    mmio_regs_t *regs;
    mp_obj_t memory, bounce_obj, attend;
    fis_header_t *list;
    fis_table_t *tables; // one a slot, and run()'s
    uint8_t *bounce;
    size_t bounce_len;
    mp_obj_t run_obj; // what run() gave the hardware last
    slot_t slot[AHCI_SLOTS];
    uint64_t blocks; // of the disk
    // Everything below shows as an attribute of the same name.
    uint32_t number;
    uint32_t block_size;
    uint32_t what;  // FIS_LBA48 and what else every command gets
    uint32_t slots; // that the HBA has
    uint32_t depth; // tags for NCQ; 0: none
    uint32_t wide;  // the HBA reaches above 4 GiB
    uint32_t timeout_ms;
    uint32_t read_only;
    uint32_t gone;      // 0, or the errno of everything from now on
    uint32_t dirty;     // written since the last flush
    uint32_t taken;     // slots that belong to a request
    uint32_t active;    // slots that hardware works on
    uint32_t queued;    // those of them that are NCQ
    uint32_t alone;     // slot that run() has the hardware work on, whoever it belongs to
    uint32_t held;      // slots taken back by recovery, not yet finished
    uint32_t awaited;   // slots whose end wake() is to tell
    uint32_t cancelled; // slots under way that Ctrl-C ends: not to be done again
    uint32_t causes;    // error bits of PxIS since recovery
    uint32_t tfd;       // PxTFD at the first of them
    uint32_t changed;   // the link went or came
    uint32_t late;      // a command took too long
    uint32_t attention; // recovery is due
    uint32_t recovering;
    uint32_t wild;     // the engine did not stop: what it had the addresses of stays in the slots
    uint32_t waiting;  // somebody in port_wait
    uint32_t requests; // commands issued
    uint32_t lost;     // completions found without an interrupt
};

extern const mp_obj_type_t ahci_port_type, ahci_hba_type;

// ---- engine.c: commands and their ends

// WAIT_CANCELLED: Ctrl-C, and it has taken longer than AHCI_PATIENCE_US.
enum { WAIT_DONE = 0, WAIT_ATTENTION = 1, WAIT_TIMEOUT = 2, WAIT_CANCELLED = 3 };
#define AHCI_PATIENCE_US 1500000

// Ends of commands and errors, as PxIS and PxCI show them.  Returns whether PxIS had anything.  IRQ-safe; IRQ masked.
bool port_service(port_t *p);
// The same from a thread, for what no interrupt told.
void port_recheck(port_t *p);
// Hand slot i's command, complete in memory, to the hardware.
void port_issue(port_t *p, unsigned i, bool queued);
// The same and wait for its end, as port_wait.
int port_issue_and_wait(port_t *p, unsigned i, uint32_t timeout_ms);
// Until all (or any) of the slots in mask have ended.
int port_wait(port_t *p, uint32_t mask, bool all, uint32_t timeout_ms);
// Build slot i's command from its fields and the entries that its table has.
void port_build(port_t *p, unsigned i, bool queued);
// The controller does not answer: everything is -ENODEV from now on.  IRQ-safe; IRQ masked.
void port_dead(port_t *p);

// ---- stop.c

// Clear ST and wait for the end of what runs; false: it does not end.
bool port_stop(port_t *p);
// A soft reset stops all ports of this controller, or leaves it alone; false: too many controllers.
bool hba_used(const hba_t *hba, bool on);

// ---- scatter.c: where memory is for the HBA

// Most bytes of one request if the memory behind it is in pages anywhere, and if it is in one piece.
#define SCATTER_PAGED ((FIS_PRDS - 1) * 4096u)
#define SCATTER_WHOLE ((FIS_PRDS - 1) * FIS_PRD_BYTES)

// Entries n and following of a table (NULL: count them) for a piece; how many there are then.  0: they are too many, or
// the HBA does not reach it.
unsigned scatter(const port_t *p, fis_table_t *t, unsigned n, piece_t piece);

// ---- attend.c

// Recovery in Python: afterwards nothing is active, and what could not be mended is finished with -errno.
void port_attend(port_t *p);
// What is due when a wait (WAIT_*) did not end well; mine: the slots that Ctrl-C ends.
void port_ill(port_t *p, int why, uint32_t mine);
// What is due before a command; -errno when the port did not come back.
int port_mended(port_t *p);

// ---- transfer.c: the block protocol; 0 or -errno, never an exception

int port_transfer(port_t *p, unsigned what, int64_t block, int64_t offset, mp_obj_t obj,
                  uint8_t *data, size_t len);
// Write n buffers of whole blocks, which obj keeps, one after the other.
int port_writev(port_t *p, int64_t block, mp_obj_t obj, const mp_obj_t *items, size_t n);
// count blocks from each of n places into data, up to depth of them at a time.
int port_gather(port_t *p, const uint64_t *lbas, size_t n, uint32_t count, mp_obj_t obj,
                uint8_t *data);
// Begin one command of whole blocks; the slot, or -EAGAIN (none is free), -errno.
int port_submit(port_t *p, unsigned what, int64_t block, mp_obj_t obj, uint8_t *data, size_t len);
// Let go of a slot that has ended; its result.
int port_reap(port_t *p, unsigned i);

#endif
