// A controller's driver, until there is a keyboard; and when its keys come.
// SPDX-License-Identifier: MIT
#include "guest.h"

#define KEYBOARD "/dev/input/event0"

enum { EV_KEY = 1, DOWN = 1 };
enum { WAIT_MS = 20000 };

// linux/input.h
struct input_event {
    int64_t s, us;
    uint16_t type, code;
    int32_t value;
};

static long keyboard = -1;

// What is in /u is loaded now; done when the keyboard's device can be opened.
static long load(void) {
    static const struct {
        int64_t s, ns;
    } ms = {0, 1000000};
    begin();
    TRY(modules(LATE));
    for (int i = 0; (keyboard = sys_open(KEYBOARD, O_RDONLY)) < 0 && i < WAIT_MS; i++) {
        sys(SYS_nanosleep, (long)&ms, 0, 0, 0, 0);
    }
    end();
    return keyboard < 0 ? keyboard : 0;
}

// Wait for a key to go down.
static long key(void) {
    struct input_event event;
    do {
        long got = sys(SYS_read, keyboard, (long)&event, sizeof(event), 0, 0);
        if (got != sizeof(event)) {
            return got < 0 ? got : -5;
        }
    } while (event.type != EV_KEY || event.value != DOWN);
    now();
    return 0;
}

long usb_run(char **word) {
    if (same(word[0], "load")) {
        return load();
    }
    if (same(word[0], "key")) {
        return key();
    }
    if (same(word[0], "now")) {
        now();
        return 0;
    }
    return volume_run(word);
}
