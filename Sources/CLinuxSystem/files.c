// Calls on files and directories that Swift's C library overlay lacks.
#define _GNU_SOURCE
#include "CLinuxSystem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#if __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#endif

int linux_eventfd(void) {
  int fd = eventfd(0, EFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

#ifdef RESOLVE_NO_XDEV
_Static_assert(sizeof(struct linux_open_how) == sizeof(struct open_how), "the size of struct open_how");
_Static_assert(offsetof(struct linux_open_how, flags) == offsetof(struct open_how, flags), "flags");
_Static_assert(offsetof(struct linux_open_how, mode) == offsetof(struct open_how, mode), "mode");
_Static_assert(offsetof(struct linux_open_how, resolve) == offsetof(struct open_how, resolve), "resolve");
#endif

static int open_resolving(int directory, const char *path, uint64_t flags, uint64_t resolve) {
#ifdef SYS_openat2
  struct linux_open_how how = {.flags = flags, .resolve = resolve};
  long fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
  return fd < 0 ? -errno : (int)fd;
#else
  return -ENOSYS;
#endif
}

int linux_open_cached(int directory, const char *path, uint64_t flags, bool within_mount) {
  return open_resolving(directory, path, flags, LINUX_RESOLVE_CACHED | (within_mount ? LINUX_RESOLVE_NO_XDEV : 0));
}

int linux_open_without_links(int directory, const char *path, uint64_t flags, bool cached) {
  return open_resolving(directory, path, flags, LINUX_RESOLVE_NO_SYMLINKS | (cached ? LINUX_RESOLVE_CACHED : 0));
}

int64_t linux_read_cached(int fd, void *buffer, size_t length, int64_t offset) {
  struct iovec vector = {.iov_base = buffer, .iov_len = length};
  ssize_t count = preadv2(fd, &vector, 1, offset, RWF_NOWAIT);
  return count < 0 ? -errno : count;
}

// With its number, which is the same wherever Swift is, and its structures written out: few C libraries have them.
int64_t linux_count_cached(int fd, int64_t offset, int64_t length) {
  struct {
    uint64_t offset, length;
  } range = {offset, length};
  struct {
    uint64_t cached, dirty, writeback, evicted, recently_evicted;
  } pages;
  return syscall(451, fd, &range, &pages, 0) < 0 ? -errno : (int64_t)pages.cached * sysconf(_SC_PAGESIZE);
}

// The kernel's struct linux_dirent64, which the C library calls dirent64.
_Static_assert(offsetof(struct linux_directory_record, inode) == offsetof(struct dirent64, d_ino), "d_ino");
_Static_assert(offsetof(struct linux_directory_record, next) == offsetof(struct dirent64, d_off), "d_off");
_Static_assert(offsetof(struct linux_directory_record, length) == offsetof(struct dirent64, d_reclen), "d_reclen");
_Static_assert(offsetof(struct linux_directory_record, type) == offsetof(struct dirent64, d_type), "d_type");
_Static_assert(LINUX_RECORD_NAME == offsetof(struct dirent64, d_name), "d_name");

int64_t linux_read_directory(int fd, void *buffer, size_t length) {
  long count = syscall(SYS_getdents64, fd, buffer, length);
  return count < 0 ? -errno : count;
}

int linux_clone_file(int source, int target) { return ioctl(target, FICLONE, source) < 0 ? -errno : 0; }

int64_t linux_copy_range(int source, int target, int64_t offset, size_t length) {
  // By its number, since the C library of some distributions copies through a buffer where the kernel refuses.
  int64_t from = offset, to = offset;
  long count = syscall(SYS_copy_file_range, source, &from, target, &to, length, 0);
  return count < 0 ? -errno : count;
}

int linux_sync_file_system(int file) { return syncfs(file) < 0 ? -errno : 0; }

int linux_await_writeback(int file) {
  return sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE) < 0 ? -errno : 0;
}

int linux_rename_new(int directory, const char *from, const char *to) {
  return syscall(SYS_renameat2, directory, from, directory, to, LINUX_RENAME_NOREPLACE) < 0 ? -errno : 0;
}
