// SPDX-License-Identifier: MIT
// qstr_find_strn() of py/qstr.c, with a look at the hash first.
//
// Every string that is made asks whether it is interned already, and few are: paths, names of files, lines.  The
// search behind the answer goes through all pools, the unsorted ones entry by entry.  Here a bit for each of the 65,536
// hashes says that no interned string has it.

#include "qstrfilter.h"

#include <string.h>

#include "py/mpstate.h"
#include "py/qstr.h"

_Static_assert(MICROPY_QSTR_BYTES_IN_HASH == 2, "a bit for each hash");

qstr qstr_find_strn_all(const char *str, size_t str_len);

static uint8_t filter[65536 / 8];
static const qstr_pool_t *newest; // of the pools that are in the filter, and how much of it is
static size_t newest_len;

void qstrfilter_reset(void) {
    newest = NULL;
}

// Take in what was interned since the last time.
static void update(const qstr_pool_t *last) {
    if (newest == NULL) {
        memset(filter, 0, sizeof(filter));
        newest_len = 0;
    }
    for (const qstr_pool_t *pool = last; pool != NULL; pool = pool->prev) {
        for (size_t i = pool == newest ? newest_len : 0; i < pool->len; i++) {
            filter[pool->hashes[i] >> 3] |= (uint8_t)(1u << (pool->hashes[i] & 7));
        }
        if (pool == newest) {
            break;
        }
    }
    newest = last;
    newest_len = last->len;
}

qstr qstr_find_strn(const char *str, size_t str_len) {
    const qstr_pool_t *last = MP_STATE_VM(last_pool);
    if (last != newest || last->len != newest_len) {
        update(last);
    }
    size_t hash = qstr_compute_hash((const byte *)str, str_len);
    if (str_len != 0 && !(filter[hash >> 3] >> (hash & 7) & 1)) {
        return MP_QSTRnull;
    }
    return qstr_find_strn_all(str, str_len);
}
