// System calls that Swift's C library overlay lacks, and the mark of the loop that runs on a thread. Needs no liburing.
#define _GNU_SOURCE
#include "CUring.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

int curing_eventfd(void) {
  int fd = eventfd(0, EFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

// With struct open_how of openat2(2) written out, because C libraries older than the call lack the header.
static int open_resolving(int directory, const char *path, uint64_t flags, uint64_t resolve) {
#ifdef SYS_openat2
  struct {
    uint64_t flags, mode, resolve;
  } how = {.flags = flags, .resolve = resolve};
  long fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
  return fd < 0 ? -errno : (int)fd;
#else
  return -ENOSYS;
#endif
}

int curing_open_cached(int directory, const char *path, uint64_t flags, bool within_mount) {
  return open_resolving(directory, path, flags, CURING_RESOLVE_CACHED | (within_mount ? CURING_RESOLVE_NO_XDEV : 0));
}

int curing_open_without_links(int directory, const char *path, uint64_t flags, bool cached) {
  return open_resolving(directory, path, flags, CURING_RESOLVE_NO_SYMLINKS | (cached ? CURING_RESOLVE_CACHED : 0));
}

int64_t curing_read_cached(int fd, void *buffer, size_t length, int64_t offset) {
  struct iovec vector = {.iov_base = buffer, .iov_len = length};
  ssize_t count = preadv2(fd, &vector, 1, offset, RWF_NOWAIT);
  return count < 0 ? -errno : count;
}

// With its number, which is the same wherever Swift is, and its structures written out: few C libraries have them.
int64_t curing_count_cached(int fd, int64_t offset, int64_t length) {
  struct {
    uint64_t offset, length;
  } range = {offset, length};
  struct {
    uint64_t cached, dirty, writeback, evicted, recently_evicted;
  } pages;
  return syscall(451, fd, &range, &pages, 0) < 0 ? -errno : (int64_t)pages.cached * sysconf(_SC_PAGESIZE);
}

uint64_t curing_file_system_type(int fd) {
  struct statfs status;
  // 32 bits, which a signed type would extend.
  return fstatfs(fd, &status) < 0 ? 0 : (uint32_t)status.f_type;
}

int curing_identify(int fd, struct curing_identity *identity) {
  return curing_identify_at(fd, "", AT_EMPTY_PATH, identity);
}

// The C library's header may be older than the field, whose value is not needed then.
#ifdef STATX_MNT_ID
enum { identifying = STATX_TYPE | STATX_INO | STATX_MNT_ID };
static uint64_t mount_of(const struct statx *status) {
  return status->stx_mask & STATX_MNT_ID ? status->stx_mnt_id : 0;
}
#else
enum { identifying = STATX_TYPE | STATX_INO };
static uint64_t mount_of(const struct statx *status) { return 0; }
#endif

int curing_identify_at(int directory, const char *path, int flags, struct curing_identity *identity) {
  struct statx status;
  if (statx(directory, path, flags | AT_STATX_DONT_SYNC, identifying, &status) == 0) {
    *identity = (struct curing_identity){
        .device = makedev(status.stx_dev_major, status.stx_dev_minor),
        .inode = status.stx_ino,
        .mount = mount_of(&status),
        .mode = status.stx_mode,
    };
    return 0;
  }
  // Behind a seccomp filter that does not know statx(2).
  struct stat old;
  if (fstatat(directory, path, &old, flags) < 0) return -errno;
  *identity = (struct curing_identity){.device = old.st_dev, .inode = old.st_ino, .mode = old.st_mode};
  return 0;
}

// Where the offsets that FileStatus reads by are.
_Static_assert(sizeof(struct statx) == CURING_STATUS_SIZE, "the size of struct statx");
_Static_assert(offsetof(struct statx, stx_blksize) == 4, "stx_blksize");
_Static_assert(offsetof(struct statx, stx_nlink) == 16, "stx_nlink");
_Static_assert(offsetof(struct statx, stx_uid) == 20, "stx_uid");
_Static_assert(offsetof(struct statx, stx_gid) == 24, "stx_gid");
_Static_assert(offsetof(struct statx, stx_mode) == 28, "stx_mode");
_Static_assert(offsetof(struct statx, stx_ino) == 32, "stx_ino");
_Static_assert(offsetof(struct statx, stx_size) == 40, "stx_size");
_Static_assert(offsetof(struct statx, stx_blocks) == 48, "stx_blocks");
_Static_assert(offsetof(struct statx, stx_atime) == 64, "stx_atime");
_Static_assert(offsetof(struct statx, stx_btime) == 80, "stx_btime");
_Static_assert(offsetof(struct statx, stx_ctime) == 96, "stx_ctime");
_Static_assert(offsetof(struct statx, stx_mtime) == 112, "stx_mtime");
_Static_assert(offsetof(struct statx, stx_rdev_major) == 128, "stx_rdev_major");
_Static_assert(offsetof(struct statx, stx_rdev_minor) == 132, "stx_rdev_minor");
_Static_assert(offsetof(struct statx, stx_dev_major) == 136, "stx_dev_major");
_Static_assert(offsetof(struct statx, stx_dev_minor) == 140, "stx_dev_minor");

int curing_status(int directory, const char *path, bool follow_link, void *status) {
  // No automount, as stat(2) has it.
  int flags = AT_NO_AUTOMOUNT | (follow_link ? 0 : AT_SYMLINK_NOFOLLOW);
  unsigned wanted = CURING_STATX_BASIC_STATS | CURING_STATX_BTIME | CURING_STATX_MNT_ID;
  return statx(directory, path, flags, wanted, status) < 0 ? -errno : 0;
}

int64_t curing_read_directory(int fd, void *buffer, size_t length) {
  long count = syscall(SYS_getdents64, fd, buffer, length);
  return count < 0 ? -errno : count;
}

int curing_clone_file(int source, int target) { return ioctl(target, FICLONE, source) < 0 ? -errno : 0; }

int64_t curing_copy_range(int source, int target, int64_t offset, size_t length) {
  // By its number, since the C library of some distributions copies through a buffer where the kernel refuses.
  int64_t from = offset, to = offset;
  long count = syscall(SYS_copy_file_range, source, &from, target, &to, length, 0);
  return count < 0 ? -errno : count;
}

int curing_sync_file_system(int file) { return syncfs(file) < 0 ? -errno : 0; }

int curing_await_writeback(int file) {
  return sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE) < 0 ? -errno : 0;
}

int curing_rename_new(int directory, const char *from, const char *to) {
  return syscall(SYS_renameat2, directory, from, directory, to, CURING_RENAME_NOREPLACE) < 0 ? -errno : 0;
}

// Room for "/proc/self/fd/" and a number.
enum { OWN_PATH_SIZE = 32 };

static const char *own_path(int fd, char *path) {
  snprintf(path, OWN_PATH_SIZE, "/proc/self/fd/%d", fd);
  return path;
}

// An `O_PATH` descriptor has no such calls of its own. Its name in /proc leads to the inode itself, to that of a symbolic
// link too.
static struct curing_attributed reachable(struct curing_attributed file, char *path) {
  if (file.path_only) {
    file.path = own_path(file.fd, path);
    file.follow = true;
  }
  return file;
}

int64_t curing_list_attributes(struct curing_attributed file, char *buffer, size_t length) {
  char path[OWN_PATH_SIZE];
  file = reachable(file, path);
  ssize_t count = !file.path    ? flistxattr(file.fd, buffer, length)
                  : file.follow ? listxattr(file.path, buffer, length)
                                : llistxattr(file.path, buffer, length);
  return count < 0 ? -errno : count;
}

int64_t curing_get_attribute(struct curing_attributed file, const char *name, void *buffer, size_t length) {
  char path[OWN_PATH_SIZE];
  file = reachable(file, path);
  ssize_t count = !file.path    ? fgetxattr(file.fd, name, buffer, length)
                  : file.follow ? getxattr(file.path, name, buffer, length)
                                : lgetxattr(file.path, name, buffer, length);
  return count < 0 ? -errno : count;
}

int curing_set_attribute(struct curing_attributed file, const char *name, const void *value, size_t length) {
  char path[OWN_PATH_SIZE];
  file = reachable(file, path);
  int result = !file.path    ? fsetxattr(file.fd, name, value, length, 0)
               : file.follow ? setxattr(file.path, name, value, length, 0)
                             : lsetxattr(file.path, name, value, length, 0);
  return result < 0 ? -errno : 0;
}

int curing_remove_attribute(struct curing_attributed file, const char *name) {
  char path[OWN_PATH_SIZE];
  file = reachable(file, path);
  int result = !file.path    ? fremovexattr(file.fd, name)
               : file.follow ? removexattr(file.path, name)
                             : lremovexattr(file.path, name);
  return result < 0 ? -errno : 0;
}

// Written out because C libraries older than the call lack it; one number on all machines but the Alpha.
enum { CURING_FCHMODAT2 = 452 };

int curing_change_mode(int fd, uint32_t mode) {
  // Since Linux 6.6. A sandbox may refuse what it does not know.
  if (syscall(CURING_FCHMODAT2, fd, "", mode, AT_EMPTY_PATH) == 0) return 0;
  if (errno != ENOSYS && errno != EPERM) return -errno;
  char path[OWN_PATH_SIZE];
  return chmod(own_path(fd, path), mode) < 0 ? -errno : 0;
}

int curing_change_owner(int fd, uint32_t user, uint32_t group) {
  return fchownat(fd, "", user, group, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

int curing_change_times(int fd, const struct timespec times[2]) {
  // Since Linux 5.8.
  if (utimensat(fd, "", times, AT_EMPTY_PATH) == 0) return 0;
  if (errno != EINVAL) return -errno;
  char path[OWN_PATH_SIZE];
  return utimensat(AT_FDCWD, own_path(fd, path), times, 0) < 0 ? -errno : 0;
}

void curing_name_thread(const char *name) {
  char kept[16] = {0};
  strncpy(kept, name, sizeof kept - 1);
  pthread_setname_np(pthread_self(), kept);
}

static _Thread_local void *current_loop;

void *curing_current_loop(void) { return current_loop; }
void curing_set_current_loop(void *loop) { current_loop = loop; }
