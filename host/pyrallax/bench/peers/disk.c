// Requests to the disk past Linux's cache, one after the other and many at once.
// SPDX-License-Identifier: MIT
#include "guest.h"

#define DEPTH 32

char *big;

// `count` requests of `size` bytes past the cache, from byte `at` of the disk.
long disk_sequential(int write, long at, long count, long size) {
    long fd = sys_open(DISK, (write ? O_RDWR : O_RDONLY) | O_DIRECT);
    TRY(fd);
    long nr = write ? SYS_pwrite64 : SYS_pread64;
    long got = size;
    begin();
    for (long i = 0; i < count && got == size; i++) {
        got = sys(nr, fd, (long)big, size, at + i * size, 0);
    }
    end();
    sys(SYS_close, fd, 0, 0, 0, 0);
    return got == size ? 0 : got < 0 ? got : -5;
}

// linux/aio_abi.h
struct iocb {
    uint64_t data;
    uint32_t key, rw_flags;
    uint16_t opcode, priority; // 0: IOCB_CMD_PREAD
    uint32_t fd;
    uint64_t buf, bytes, offset, reserved;
    uint32_t flags, resfd;
};
struct io_event {
    uint64_t data, iocb;
    int64_t result, result2;
};

// `count` reads of 4 KiB with `depth` of them on their way.
static long at_depth(long fd, const long *places, long count, long depth) {
    static struct iocb requests[DEPTH], *todo[DEPTH];
    static struct io_event done[DEPTH];
    uint64_t queue = 0;
    TRY(sys(SYS_io_setup, depth, (long)&queue, 0, 0, 0));
    for (long i = 0; i < depth; i++) {
        todo[i] = &requests[i];
    }
    long sent = 0, result = 0;
    begin();
    for (long ready = depth, left = count; left && result >= 0;) {
        long n = 0;
        for (; n < ready && sent < count; n++, sent++) {
            *todo[n] = (struct iocb) {.fd = fd,
                                      .buf = (uintptr_t)(big + (todo[n] - requests) * 4096),
                                      .bytes = 4096,
                                      .offset = places[sent]};
        }
        if (n && sys(SYS_io_submit, queue, n, (long)todo, 0, 0) != n) {
            result = -5;
            break;
        }
        ready = result = sys(SYS_io_getevents, queue, 1, depth, (long)done, 0);
        for (long i = 0; i < ready; i++, left--) {
            todo[i] = (struct iocb *)done[i].iocb;
            result = done[i].result == 4096 ? result : -5;
        }
    }
    end();
    sys(SYS_io_destroy, queue, 0, 0, 0, 0);
    return result;
}

static long one_by_one(long fd, const long *places, long count) {
    long got = 4096;
    begin();
    for (long i = 0; i < count && got == 4096; i++) {
        got = sys(SYS_pread64, fd, (long)big, 4096, places[i], 0);
    }
    end();
    return got == 4096 ? 0 : got < 0 ? got : -5;
}

// At the places that the firmware's program makes up, too.
long disk_random(long count, long depth) {
    static long places[4096];
    uint32_t x = 1;
    for (long i = 0; i < count; i++) {
        x = (x * 1103515245 + 12345) & 0x7fffffff;
        places[i] = (long)(x >> 15) * 4096;
    }
    long fd = sys_open(DISK, O_RDONLY | O_DIRECT);
    TRY(fd);
    long result = depth ? at_depth(fd, places, count, depth) : one_by_one(fd, places, count);
    sys(SYS_close, fd, 0, 0, 0, 0);
    return result;
}

// The buffer, and the disk, which another thread finds.
long disk_start(void) {
    long ten_ms[2] = {0, 10000000};
    // Twice the size, for an aligned huge page in it.  PROT_READ | PROT_WRITE, MAP_PRIVATE |
    // MAP_ANONYMOUS.
    long room = sys(SYS_mmap, 0, 4 * MIB, 3, 0x22, -1);
    TRY(room);
    big = (char *)((room + 2 * MIB - 1) & -(2L * MIB));
    sys(SYS_madvise, (long)big, 2 * MIB, 14, 0, 0); // MADV_HUGEPAGE
    for (long i = 0; i < 2 * MIB; i += 4096) {
        big[i] = 'x';
    }
    for (int i = 0; i < 1000; i++) {
        long fd = sys_open(DISK, O_RDONLY);
        if (fd >= 0) {
            return sys(SYS_close, fd, 0, 0, 0, 0);
        }
        sys(SYS_nanosleep, (long)ten_ms, 0, 0, 0, 0);
    }
    return -19;
}
