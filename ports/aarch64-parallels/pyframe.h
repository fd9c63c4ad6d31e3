// SPDX-License-Identifier: MIT
// Which Python code runs: for traces, which ask at every access, and for panics, which believe nothing.

#ifndef PYRALLAX_PYFRAME_H
#define PYRALLAX_PYFRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "py/bc.h"

// A place in Python code that costs nothing to take down.  It holds while `fun` is reachable.
typedef struct {
    const struct _mp_obj_fun_bc_t *fun;
    const byte *ip;
} pyframe_mark_t;

typedef struct {
    qstr file;
    qstr function; // `<module>` for a module's own code
    size_t line;
    bool in_handler; // of a hard interrupt handler
} pyframe_t;

// The innermost Python function; false when there is none.  IRQ-safe.
bool pyframe_here(pyframe_mark_t *mark);
// File, function and line of a mark; false when it is none.  IRQ-safe, and for anything that the mark may hold.
bool pyframe_locate(const pyframe_mark_t *mark, pyframe_t *out);
// Frame `depth` callers out, 0 the innermost; false beyond the last.  For panics: every pointer on the way is checked,
// and nothing that is damaged is followed.
bool pyframe_at(unsigned depth, pyframe_t *out);

#endif
