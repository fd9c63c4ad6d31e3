// SPDX-License-Identifier: MIT

#include "softreset.h"

extern const softreset_fn_t __start_softreset[], __stop_softreset[];

void softreset_run(void) {
    for (const softreset_fn_t *fn = __start_softreset; fn < __stop_softreset; fn++) {
        (*fn)();
    }
}
