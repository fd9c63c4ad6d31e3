// Linux's /init: does what it reads from the console, a line each.
// Answers `@ INSTRUCTIONS NANOSECONDS`, or `@ error -ERRNO`; all other lines are the kernel's.
// SPDX-License-Identifier: MIT
#include "guest.h"

#define WORDS 5

static long perf;
static uint64_t insns, ticks; // of what was measured last

void begin(void) {
    insns = instructions(perf);
    ticks = counter();
}

void end(void) {
    ticks = counter() - ticks;
    insns = instructions(perf) - insns;
}

void now(void) {
    insns = 0;
    ticks = counter();
}

static long run(char **word) {
    if (same(word[0], "read") || same(word[0], "write")) {
        return disk_sequential(word[0][0] == 'w', number(word[1]) * MIB, number(word[2]), MIB);
    }
    if (same(word[0], "random")) {
        return disk_random(number(word[1]), number(word[2]));
    }
    return usb_run(word);
}

static void answer(long result) {
    char line[128];
    char *at = put(line, "@ ");
    if (result < 0) {
        at = put_number(put(at, "error "), result);
    } else {
        uint64_t hz = counter_hz();
        uint64_t ns = ticks / hz * 1000000000 + ticks % hz * 1000000000 / hz;
        at = put_number(put(put_number(at, insns), " "), ns);
    }
    put(at, "\n");
    say(line);
}

long modules(const char *first) {
    char path[8];
    put(path, first);
    for (int i = 0;; i++) {
        path[3] = '0' + i / 10;
        path[4] = '0' + i % 10;
        long fd = sys_open(path, O_RDONLY);
        if (fd < 0) {
            return i ? 0 : fd;
        }
        TRY(sys(SYS_finit_module, fd, (long)"", 0, 0, 0));
        sys(SYS_close, fd, 0, 0, 0, 0);
    }
}

static long start(void) {
    TRY(sys(SYS_mount, (long)"dev", (long)"/dev", (long)"devtmpfs", 0, 0));
    TRY(modules("/m/00"));
    perf = instructions_open();
    long late = sys_open(LATE, O_RDONLY);
    return late < 0 ? disk_start() : sys(SYS_close, late, 0, 0, 0, 0);
}

void _start(void) {
    static char line[256];
    answer(start());
    for (;;) {
        char *word[WORDS] = {"", "", "", "", ""};
        long got = sys(SYS_read, 0, (long)line, sizeof(line) - 1, 0, 0);
        int n = 0;
        for (long i = 0; i < got; i++) {
            if (line[i] <= ' ') {
                line[i] = 0;
            } else if ((i == 0 || line[i - 1] == 0) && n < WORDS) {
                word[n++] = line + i;
            }
        }
        line[got > 0 ? got : 0] = 0;
        answer(run(word));
    }
}
