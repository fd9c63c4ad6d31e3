// What a program needs that is Linux's only process: system calls, counters, words on the console.
// Linux's arm64 ABI (asm-generic/unistd.h); no libc, so that the compiler for the firmware will do.
// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    SYS_io_setup = 0,
    SYS_io_destroy = 1,
    SYS_io_submit = 2,
    SYS_io_getevents = 4,
    SYS_mkdirat = 34,
    SYS_unlinkat = 35,
    SYS_umount2 = 39,
    SYS_mount = 40,
    SYS_openat = 56,
    SYS_close = 57,
    SYS_getdents64 = 61,
    SYS_read = 63,
    SYS_write = 64,
    SYS_pread64 = 67,
    SYS_pwrite64 = 68,
    SYS_newfstatat = 79,
    SYS_fsync = 82,
    SYS_nanosleep = 101,
    SYS_mmap = 222,
    SYS_madvise = 233,
    SYS_perf_event_open = 241,
    SYS_syncfs = 267,
    SYS_finit_module = 273,
};

enum { AT_FDCWD = -100, AT_REMOVEDIR = 0x200 };
enum { O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0x40, O_DIRECT = 0x10000 };

static inline long sys(long nr, long a, long b, long c, long d, long e) {
    register long x8 __asm__("x8") = nr;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = 0; // mmap's offset
    __asm__ volatile("svc 0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
}

static inline long sys_open(const char *path, int flags) {
    return sys(SYS_openat, AT_FDCWD, (long)path, flags, 0644, 0);
}

static inline uint64_t counter(void) {
    uint64_t ticks;
    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks)::"memory");
    return ticks;
}

static inline uint64_t counter_hz(void) {
    uint64_t hz;
    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
    return hz;
}

// A descriptor whose read() gives the instructions of the CPU, kernel included; negative where the
// machine does not count them (no icount).
static inline long instructions_open(void) {
    static const struct {
        uint32_t type, size; // PERF_TYPE_HARDWARE, PERF_ATTR_SIZE_VER0
        uint64_t config;     // PERF_COUNT_HW_INSTRUCTIONS
        uint64_t rest[6];
    } attr = {0, 64, 1, {0}};
    return sys(SYS_perf_event_open, (long)&attr, -1, 0, -1, 0);
}

static inline uint64_t instructions(long fd) {
    uint64_t n = 0;
    return fd >= 0 && sys(SYS_read, fd, (long)&n, 8, 0, 0) == 8 ? n : 0;
}

static inline size_t length(const char *s) {
    size_t n = 0;
    while (s[n]) {
        n++;
    }
    return n;
}

static inline int same(const char *a, const char *b) {
    while (*a && *a == *b) {
        a++, b++;
    }
    return *a == *b;
}

// Append to a string that has the room; returns its new end.
static inline char *put(char *end, const char *s) {
    while (*s) {
        *end++ = *s++;
    }
    *end = 0;
    return end;
}

static inline char *put_number(char *end, long n) {
    char digits[21];
    int i = sizeof(digits) - 1;
    unsigned long rest = n < 0 ? -(unsigned long)n : (unsigned long)n;
    digits[i] = 0;
    do {
        digits[--i] = '0' + rest % 10;
        rest /= 10;
    } while (rest);
    if (n < 0) {
        digits[--i] = '-';
    }
    return put(end, digits + i);
}

static inline long number(const char *s) {
    long n = 0;
    while (*s >= '0' && *s <= '9') {
        n = n * 10 + (*s++ - '0');
    }
    return n;
}

static inline void say(const char *line) {
    sys(SYS_write, 1, (long)line, length(line), 0, 0);
}

#define MIB (1 << 20)
#define DISK "/dev/sda"
#define LATE "/u/00" // the first of the modules that are loaded when told; no disk then
#define TRY(call)                                                                                  \
    do {                                                                                           \
        long error_ = (call);                                                                      \
        if (error_ < 0) {                                                                          \
            return error_;                                                                         \
        }                                                                                          \
    } while (0)

// init.c: what is between these two is measured.
void begin(void);
void end(void);
void now(void); // the answer is the counter, in ns

// Load /m/00, /m/01, …, or those of another folder: in the order in which they need each other.
long modules(const char *first);

// disk.c
extern char *big; // MIB bytes in one huge page: the controller takes them as few pieces
long disk_start(void);
long disk_sequential(int write, long at, long count, long size);
long disk_random(long count, long depth);

// usb.c
long usb_run(char **word);

// volume.c
long volume_run(char **word);
