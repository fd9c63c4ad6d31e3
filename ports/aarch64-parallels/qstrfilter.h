// SPDX-License-Identifier: MIT
// Interned strings: which hashes none has.
#pragma once

// After mp_init(), which forgets all that was interned at run time.
void qstrfilter_reset(void);
