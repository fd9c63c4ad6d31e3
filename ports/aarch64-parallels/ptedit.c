// SPDX-License-Identifier: MIT
// Two passes: the first counts tables and finds what is not mapped, so that the second cannot fail half way.
// New tables are filled before they are linked: a live entry changes once, whatever happens below it.

#include "ptedit.h"

#include "boot/ptdesc.h"
#include "memlayout.h"

#define TABLES_MAX 4096 // mmutables.c has fewer: the first pass need not count on

typedef enum { MAP, UNMAP, PROTECT } what_t;

typedef struct {
    const ptedit_ops_t *ops;
    what_t what;
    uint64_t delta; // MAP: pa - va
    uint64_t clear, set;
    size_t tables;
} edit_t;

// One entry's share of a range.
typedef struct {
    uint64_t old, size;
    bool whole; // the entry becomes a leaf, or invalid
    bool skip;  // nothing to do
    bool down;  // old is a table to go on in
} part_t;

static part_t look(const edit_t *ed, uint64_t old, int level, uint64_t va, uint64_t size) {
    uint64_t step = PT_LEVEL_SIZE(level), into = va & (step - 1);
    part_t p = {.old = old, .size = step - into < size ? step - into : size};
    p.down = desc_is_table(old, level);
    // Level 0 has no blocks; and spaces hold copies of the identity map's level 0 entries, so these never change.
    p.whole = p.size == step && level >= 1;
    switch (ed->what) {
        case MAP:
            p.whole = p.whole && ((va + ed->delta) & (step - 1)) == 0;
            break;
        case UNMAP:
            p.skip = !(old & DESC_VALID);
            break;
        case PROTECT:
            p.whole = p.whole && !p.down;
            break;
    }
    return p;
}

static uint64_t leaf(const edit_t *ed, uint64_t old, int level, uint64_t va) {
    switch (ed->what) {
        case MAP:
            return (va + ed->delta) | ed->set | (level == 3 ? DESC_TABLE : 0);
        case PROTECT:
            return (old & ~ed->clear) | ed->set;
        default:
            return 0;
    }
}

// Entry i of the table that replaces a block, or of an empty one.
static uint64_t split(uint64_t old, int level, unsigned i) {
    if (!(old & DESC_VALID)) {
        return 0;
    }
    return (old + i * PT_LEVEL_SIZE(level + 1)) | (level + 1 == 3 ? DESC_TABLE : 0);
}

// table NULL: one that will be made from `from` in a table of the level above.
static int count(edit_t *ed, const uint64_t *table, uint64_t from, int level, uint64_t va,
                 uint64_t size) {
    if (table == NULL || !ed->ops->owned(table)) {
        ed->tables++; // to make it, or to keep a copy of what was there before
    }
    if (table == NULL && level == 3) {
        return 0;
    }
    while (size != 0) {
        uint64_t old = table != NULL ? table[PT_INDEX(va, level)] :
                                       split(from, level - 1, PT_INDEX(va, level));
        part_t p = look(ed, old, level, va, size);
        if (ed->what == PROTECT && !(old & DESC_VALID)) {
            return PTEDIT_NOT_MAPPED;
        }
        if (ed->tables > TABLES_MAX) {
            return PTEDIT_NO_MEMORY;
        }
        if (!p.skip && !p.whole) {
            int r = count(ed, p.down ? desc_table(old) : NULL, old, level + 1, va, p.size);
            if (r != 0) {
                return r;
            }
        }
        va += p.size;
        size -= p.size;
    }
    return 0;
}

static bool is_empty(const uint64_t *table) {
    for (unsigned i = 0; i < PT_ENTRIES; i++) {
        if (table[i] & DESC_VALID) {
            return false;
        }
    }
    return true;
}

void ptedit_free(const ptedit_ops_t *ops, uint64_t *table, int level) {
    for (unsigned i = 0; level < 3 && i < PT_ENTRIES; i++) {
        if (desc_is_table(table[i], level)) {
            ptedit_free(ops, desc_table(table[i]), level + 1);
        }
    }
    if (ops->owned(table)) {
        ops->table_free(table);
    }
}

static void put(edit_t *ed, uint64_t *e, int level, uint64_t desc, uint64_t va, bool live) {
    uint64_t old = *e;
    if (!live) {
        *e = desc;
    } else if (old != desc) {
        ed->ops->replace(e, level, desc, va);
        if (desc_is_table(old, level)) {
            ptedit_free(ed->ops, desc_table(old), level + 1);
        }
    }
}

static void apply(edit_t *ed, uint64_t *table, int level, uint64_t va, uint64_t size, bool live) {
    while (size != 0) {
        uint64_t *e = &table[PT_INDEX(va, level)];
        part_t p = look(ed, *e, level, va, size);
        if (p.skip) {
        } else if (p.whole) {
            put(ed, e, level, leaf(ed, p.old, level, va), va, live);
        } else if (p.down) {
            uint64_t *below = desc_table(p.old);
            apply(ed, below, level + 1, va, p.size, live);
            if (ed->what == UNMAP && ed->ops->owned(below) && is_empty(below)) {
                put(ed, e, level, 0, va, live);
            }
        } else {
            uint64_t *below = ed->ops->table_new();
            for (unsigned i = 0; i < PT_ENTRIES; i++) {
                below[i] = split(p.old, level, i);
            }
            apply(ed, below, level + 1, va, p.size, false);
            put(ed, e, level, (uint64_t)(uintptr_t)below | DESC_VALID | DESC_TABLE, va, live);
        }
        va += p.size;
        size -= p.size;
    }
}

// Page aligned, not empty, inside one half.
static bool good_range(uint64_t va, uint64_t size) {
    uint64_t last = va + (size - 1), top = va >> VA_BITS;
    return size != 0 && ((va | size) & (PAGE_SIZE - 1)) == 0 && last >= va &&
           last >> VA_BITS == top && (top == 0 || top == 0xffff);
}

static int run(edit_t *ed, uint64_t *root, uint64_t va, uint64_t size) {
    if (!good_range(va, size)) {
        return PTEDIT_BAD_RANGE;
    }
    int r = count(ed, root, 0, 0, va, size);
    if (r == 0) {
        if (!ed->ops->reserve(ed->tables)) {
            return PTEDIT_NO_MEMORY;
        }
        apply(ed, root, 0, va, size, true);
    }
    return r;
}

int ptedit_map(const ptedit_ops_t *ops, uint64_t *root, uint64_t va, uint64_t pa, uint64_t size,
               uint64_t bits) {
    edit_t ed = {.ops = ops, .what = MAP, .delta = pa - va, .set = bits};
    if ((pa & ~DESC_ADDR) != 0 || size > (1ull << VA_BITS) - pa) {
        return PTEDIT_BAD_RANGE;
    }
    return run(&ed, root, va, size);
}

int ptedit_unmap(const ptedit_ops_t *ops, uint64_t *root, uint64_t va, uint64_t size) {
    edit_t ed = {.ops = ops, .what = UNMAP};
    return run(&ed, root, va, size);
}

int ptedit_protect(const ptedit_ops_t *ops, uint64_t *root, uint64_t va, uint64_t size,
                   uint64_t clear, uint64_t set) {
    edit_t ed = {.ops = ops, .what = PROTECT, .clear = clear, .set = set};
    return run(&ed, root, va, size);
}
