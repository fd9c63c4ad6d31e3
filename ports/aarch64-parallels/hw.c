// SPDX-License-Identifier: MIT
// The hand-off: the firmware's copy, its command line, boot stage stamps.

#include "hw.h"

#include <stdbool.h>
#include <stddef.h>

#include "io.h"

hw_config_t hw;

void hw_stamp(uint32_t stage) {
    if (hw.stamp_count < HW_MAX_STAMPS) {
        hw.stamps[hw.stamp_count].stage = stage;
        hw.stamps[hw.stamp_count++].cntvct = cntvct();
    }
}

const char *hw_option(const char *key, char *buf, unsigned len) {
    const char *p = hw.cmdline;
    while (*p != 0) {
        const char *k = key;
        while (*p == ' ') {
            p++;
        }
        while (*k != 0 && *p == *k) {
            p++;
            k++;
        }
        if (*k == 0 && *p == '=') {
            unsigned n = 0;
            for (p++; *p != 0 && *p != ' ' && n + 1 < len; p++) {
                buf[n++] = *p;
            }
            buf[n] = 0;
            return buf;
        }
        while (*p != 0 && *p != ' ') {
            p++;
        }
    }
    return NULL;
}

uint64_t hw_option_size(const char *key, uint64_t otherwise) {
    char text[24];
    if (hw_option(key, text, sizeof(text)) == NULL || text[0] < '0' || text[0] > '9') {
        return otherwise;
    }
    uint64_t v = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (v > (~0ull - 9) / 10) {
            return otherwise;
        }
        v = v * 10 + (uint64_t)(*p - '0');
    }
    unsigned shift = *p == 'k' ? 10 : *p == 'm' ? 20 : *p == 'g' ? 30 : 0;
    if (shift != 0) {
        p++;
    }
    return *p != 0 || v > ~0ull >> shift ? otherwise : v << shift;
}
