// Linux's side of the storage figures: /init, which does what it reads from the console, a line each.
// Answers `@ INSTRUCTIONS NANOSECONDS`, or `@ error -ERRNO`; all other lines are the kernel's.
// SPDX-License-Identifier: MIT
#include "guest.h"

#define MIB (1 << 20)
#define DISK "/dev/sda"
#define WORDS 5
#define TRY(call)                                                                                  \
    do {                                                                                           \
        long error_ = (call);                                                                      \
        if (error_ < 0) {                                                                          \
            return error_;                                                                         \
        }                                                                                          \
    } while (0)

struct dirent64 {
    uint64_t ino, off;
    uint16_t reclen;
    uint8_t type;
    char name[];
};

static long perf;
static char *big; // in one huge page: the controller takes a MiB of it as few pieces
static char entries[32768];
static uint64_t insns, ticks; // of what was measured last

static void begin(void) {
    insns = instructions(perf);
    ticks = counter();
}

static void end(void) {
    ticks = counter() - ticks;
    insns = instructions(perf) - insns;
}

// `count` requests of `size` bytes past the cache, from byte `at` of the disk.
static long sequential(int write, long at, long count, long size) {
    long fd = sys_open(DISK, O_RDWR | O_DIRECT);
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

// 4 KiB each, at the places that the firmware's program makes up, too.
static long random_reads(long count) {
    static long places[4096];
    uint32_t x = 1;
    for (long i = 0; i < count; i++) {
        x = (x * 1103515245 + 12345) & 0x7fffffff;
        places[i] = (long)(x >> 15) * 4096;
    }
    long fd = sys_open(DISK, O_RDONLY | O_DIRECT);
    TRY(fd);
    long got = 4096;
    begin();
    for (long i = 0; i < count && got == 4096; i++) {
        got = sys(SYS_pread64, fd, (long)big, 4096, places[i], 0);
    }
    end();
    sys(SYS_close, fd, 0, 0, 0, 0);
    return got == 4096 ? 0 : got < 0 ? got : -5;
}

static long file(const char *path, long size) {
    long fd = sys_open(path, O_RDONLY);
    TRY(fd);
    long got;
    while ((got = sys(SYS_read, fd, (long)big, size, 0, 0)) > 0) {
    }
    sys(SYS_close, fd, 0, 0, 0, 0);
    return got;
}

static long open_read_close(const char *path) {
    long fd = sys_open(path, O_RDONLY);
    TRY(fd);
    long got = sys(SYS_read, fd, (long)big, 4096, 0, 0);
    sys(SYS_close, fd, 0, 0, 0, 0);
    return got;
}

static long status(const char *path) {
    static char stat[128];
    return sys(SYS_newfstatat, AT_FDCWD, (long)path, (long)stat, 0, 0);
}

// Each name of a folder, and what `each` does with its path.
static long listing(const char *folder, long (*each)(const char *path)) {
    char path[512];
    long fd = sys_open(folder, O_RDONLY);
    TRY(fd);
    char *name = put(put(path, folder), "/");
    long got;
    while ((got = sys(SYS_getdents64, fd, (long)entries, sizeof(entries), 0, 0)) > 0) {
        for (long at = 0; at < got;) {
            struct dirent64 *entry = (struct dirent64 *)(entries + at);
            at += entry->reclen;
            if (each && entry->name[0] != '.') {
                put(name, entry->name);
                TRY(each(path));
            }
        }
    }
    sys(SYS_close, fd, 0, 0, 0, 0);
    return got;
}

static void numbered(char *path, const char *folder, long i) {
    put_number(put(put(path, folder), "/file"), i);
}

static long sync_folder(const char *path) {
    long fd = sys_open(path, O_RDONLY);
    TRY(fd);
    TRY(sys(SYS_syncfs, fd, 0, 0, 0, 0));
    return sys(SYS_close, fd, 0, 0, 0, 0);
}

// Files of 100 bytes, all on the medium at the end; with `each`, every one before the next.
static long create(const char *folder, long count, int each) {
    char path[512];
    TRY(sys(SYS_mkdirat, AT_FDCWD, (long)folder, 0755, 0, 0));
    for (long i = 0; i < count; i++) {
        numbered(path, folder, i);
        long fd = sys_open(path, O_WRONLY | O_CREAT);
        TRY(fd);
        TRY(sys(SYS_write, fd, (long)big, 100, 0, 0));
        if (each) {
            TRY(sys(SYS_fsync, fd, 0, 0, 0, 0));
        }
        sys(SYS_close, fd, 0, 0, 0, 0);
    }
    return sync_folder("/b");
}

static long delete(const char *folder, long count) {
    char path[512];
    for (long i = 0; i < count; i++) {
        numbered(path, folder, i);
        TRY(sys(SYS_unlinkat, AT_FDCWD, (long)path, 0, 0, 0));
    }
    TRY(sys(SYS_unlinkat, AT_FDCWD, (long)folder, AT_REMOVEDIR, 0, 0));
    return sync_folder("/b");
}

static long on_volume(char **word) {
    if (same(word[0], "file")) {
        return file(word[1], number(word[2]));
    }
    if (same(word[0], "list")) {
        return listing(word[1], NULL);
    }
    if (same(word[0], "stat")) {
        return listing(word[1], status);
    }
    if (same(word[0], "small")) {
        return listing(word[1], open_read_close);
    }
    if (same(word[0], "create")) {
        return create(word[1], number(word[2]), number(word[3]));
    }
    if (same(word[0], "delete")) {
        return delete (word[1], number(word[2]));
    }
    return -38;
}

// On a volume that was mounted just before: nothing of it is in the cache.
static long cold(char **word) {
    TRY(sys(SYS_mount, (long)DISK, (long)"/b", (long)"ext2", 0, 0));
    begin();
    long result = on_volume(word);
    end();
    long gone = sys(SYS_umount2, (long)"/b", 0, 0, 0, 0);
    return result < 0 ? result : gone;
}

static long run(char **word) {
    if (same(word[0], "read") || same(word[0], "write")) {
        return sequential(word[0][0] == 'w', number(word[1]) * MIB, number(word[2]), MIB);
    }
    if (same(word[0], "random")) {
        return random_reads(number(word[1]));
    }
    return cold(word);
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

// Modules are /m/00, /m/01, …: in the order in which they need each other.
static long modules(void) {
    char path[8] = "/m/00";
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
    long most[2] = {0, 10000000};
    TRY(sys(SYS_mount, (long)"dev", (long)"/dev", (long)"devtmpfs", 0, 0));
    TRY(modules());
    perf = instructions_open();
    // Twice the size, for an aligned huge page in it.  PROT_READ | PROT_WRITE, MAP_PRIVATE |
    // MAP_ANONYMOUS; the sixth argument (offset) is not looked at.
    uintptr_t room = sys(SYS_mmap, 0, 4 * MIB, 3, 0x22, -1);
    big = (char *)((room + 2 * MIB - 1) & -(uintptr_t)(2 * MIB));
    sys(SYS_madvise, (long)big, 2 * MIB, 14, 0, 0); // MADV_HUGEPAGE
    for (long i = 0; i < 2 * MIB; i += 4096) {
        big[i] = 'x';
    }
    for (int i = 0; i < 1000; i++) { // the disk is found by another thread
        long fd = sys_open(DISK, O_RDONLY);
        if (fd >= 0) {
            return sys(SYS_close, fd, 0, 0, 0, 0);
        }
        sys(SYS_nanosleep, (long)most, 0, 0, 0, 0);
    }
    return -19;
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
