// SPDX-License-Identifier: MIT
// Change translation tables that a CPU is using.  What changes is decided here; how one live entry changes
// (break-before-make) is the caller's `replace`.  Compiles on the host.

#ifndef PYRALLAX_PTEDIT_H
#define PYRALLAX_PTEDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PTEDIT_NO_MEMORY -1
#define PTEDIT_BAD_RANGE -2
#define PTEDIT_NOT_MAPPED -3

// Tables, as the edits find them: VA == PA.
typedef struct {
    // Make `pages` calls of table_new safe.  False: nothing was taken.
    bool (*reserve)(size_t pages);
    uint64_t *(*table_new)(void); // cleared
    void (*table_free)(uint64_t *table);
    // Whether table came from table_new.  Others are never freed, whatever becomes of them.
    bool (*owned)(const uint64_t *table);
    // Store desc in *entry, live, of a table of this level, which maps va.  The TLB agrees on return.
    void (*replace)(uint64_t *entry, int level, uint64_t desc, uint64_t va);
} ptedit_ops_t;

// [va, va + size) → pa with the bits of pt_leaf_bits(), in blocks where alignment allows.  Replaces what was there.
// All of these return 0 or one of the above, and then nothing has changed.  root: of va's half.
int ptedit_map(const ptedit_ops_t *ops, uint64_t *root, uint64_t va, uint64_t pa, uint64_t size,
               uint64_t bits);
// Tables that become empty are freed.  What is not mapped stays so.
int ptedit_unmap(const ptedit_ops_t *ops, uint64_t *root, uint64_t va, uint64_t size);
// Each leaf becomes (leaf & ~clear) | set; all of the range must be mapped.
int ptedit_protect(const ptedit_ops_t *ops, uint64_t *root, uint64_t va, uint64_t size,
                   uint64_t clear, uint64_t set);
// Free the owned tables below a table that no CPU uses any more, and the table.
void ptedit_free(const ptedit_ops_t *ops, uint64_t *table, int level);

#endif
