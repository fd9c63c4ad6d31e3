// SPDX-License-Identifier: MIT
// littlefs checks a file's mode by assertions only, and MicroPython builds it without them: a file opened "r"
// could be written, and was changed in place.  These stand in front of it (`--wrap`) and answer EBADF.

#include "lib/littlefs/lfs1.h"
#include "lib/littlefs/lfs2.h"

lfs1_ssize_t __real_lfs1_file_read(lfs1_t *lfs, lfs1_file_t *file, void *buf, lfs1_size_t size);
lfs1_ssize_t __real_lfs1_file_write(lfs1_t *lfs, lfs1_file_t *file, const void *buf,
                                    lfs1_size_t size);
lfs2_ssize_t __real_lfs2_file_read(lfs2_t *lfs, lfs2_file_t *file, void *buf, lfs2_size_t size);
lfs2_ssize_t __real_lfs2_file_write(lfs2_t *lfs, lfs2_file_t *file, const void *buf,
                                    lfs2_size_t size);

lfs1_ssize_t __wrap_lfs1_file_read(lfs1_t *lfs, lfs1_file_t *file, void *buf, lfs1_size_t size);
lfs1_ssize_t __wrap_lfs1_file_write(lfs1_t *lfs, lfs1_file_t *file, const void *buf,
                                    lfs1_size_t size);
lfs2_ssize_t __wrap_lfs2_file_read(lfs2_t *lfs, lfs2_file_t *file, void *buf, lfs2_size_t size);
lfs2_ssize_t __wrap_lfs2_file_write(lfs2_t *lfs, lfs2_file_t *file, const void *buf,
                                    lfs2_size_t size);

lfs1_ssize_t __wrap_lfs1_file_read(lfs1_t *lfs, lfs1_file_t *file, void *buf, lfs1_size_t size) {
    return file->flags & LFS1_O_RDONLY ? __real_lfs1_file_read(lfs, file, buf, size) :
                                         LFS1_ERR_BADF;
}

lfs1_ssize_t __wrap_lfs1_file_write(lfs1_t *lfs, lfs1_file_t *file, const void *buf,
                                    lfs1_size_t size) {
    return file->flags & LFS1_O_WRONLY ? __real_lfs1_file_write(lfs, file, buf, size) :
                                         LFS1_ERR_BADF;
}

lfs2_ssize_t __wrap_lfs2_file_read(lfs2_t *lfs, lfs2_file_t *file, void *buf, lfs2_size_t size) {
    return file->flags & LFS2_O_RDONLY ? __real_lfs2_file_read(lfs, file, buf, size) :
                                         LFS2_ERR_BADF;
}

lfs2_ssize_t __wrap_lfs2_file_write(lfs2_t *lfs, lfs2_file_t *file, const void *buf,
                                    lfs2_size_t size) {
    return file->flags & LFS2_O_WRONLY ? __real_lfs2_file_write(lfs, file, buf, size) :
                                         LFS2_ERR_BADF;
}
