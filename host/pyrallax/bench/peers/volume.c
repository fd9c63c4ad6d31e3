// Files and folders on a volume that is mounted for each measurement.
// SPDX-License-Identifier: MIT
#include "guest.h"

struct dirent64 {
    uint64_t ino, off;
    uint16_t reclen;
    uint8_t type;
    char name[];
};

static char entries[32768];

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
long volume_run(char **word) {
    TRY(sys(SYS_mount, (long)DISK, (long)"/b", (long)"ext2", 0, 0));
    begin();
    long result = on_volume(word);
    end();
    long gone = sys(SYS_umount2, (long)"/b", 0, 0, 0, 0);
    return result < 0 ? result : gone;
}
