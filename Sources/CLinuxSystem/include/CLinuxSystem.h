// System calls that Swift's C library overlay lacks, and their structures. Functions that can fail return a negated
// errno.
#ifndef CLINUX_SYSTEM_H
#define CLINUX_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "CLinuxFlags.h"

// MARK: Structures

/// struct statx of statx(2), by names of our own: older C libraries lack some of its fields. status.c compares every
/// offset with the system's.
struct linux_status_time {
  int64_t seconds;
  uint32_t nanoseconds;
  int32_t reserved;
};
struct linux_status {
  /// Which fields the kernel has filled: LINUX_STATX_….
  uint32_t mask;
  uint32_t block_size;
  uint64_t attributes;
  uint32_t link_count, user, group;
  uint16_t mode, spare;
  uint64_t inode, size, block_count, attributes_mask;
  struct linux_status_time accessed, created, changed, modified;
  uint32_t represented_major, represented_minor;
  uint32_t device_major, device_minor;
  uint64_t mount;
  uint64_t reserved[13];
};

/// The start of struct linux_dirent64 of getdents64(2), which the name follows at LINUX_RECORD_NAME, with a NUL behind
/// it. files.c compares every offset with the C library's.
struct linux_directory_record {
  uint64_t inode;
  int64_t next;
  uint16_t length;
  /// DT_REG, DT_DIR, …
  uint8_t type;
};
enum { LINUX_RECORD_NAME = 19 };

/// struct open_how of openat2(2). files.c compares it with the system's, where there is one.
struct linux_open_how {
  uint64_t flags, mode, resolve;
};

// MARK: Files and directories

/// eventfd(2), close-on-exec.
int linux_eventfd(void);
/// openat2(2) with RESOLVE_CACHED: -EAGAIN if the path cannot be resolved from the dentry cache alone; and with
/// RESOLVE_NO_XDEV, if `within_mount`: the same, or -EXDEV, if it leads to another mount.
int linux_open_cached(int directory, const char *path, uint64_t flags, bool within_mount);
/// openat2(2) with RESOLVE_NO_SYMLINKS: -ELOOP if a component is a symbolic link; and with RESOLVE_CACHED, if `cached`.
int linux_open_without_links(int directory, const char *path, uint64_t flags, bool cached);
/// preadv2(2) with RWF_NOWAIT: -EAGAIN if not even the first byte is in the page cache, -EOPNOTSUPP if the file system
/// cannot tell.
int64_t linux_read_cached(int fd, void *buffer, size_t length, int64_t offset);
/// cachestat(2): how many bytes the pages of a range have that are in the page cache. -ENOSYS before Linux 6.5; -EPERM,
/// of newer kernels, for who neither owns the file nor may write it.
int64_t linux_count_cached(int fd, int64_t offset, int64_t length);
/// The type of the file system that a file is of, as fstatfs(2) numbers them; 0 if that fails.
uint64_t linux_file_system_type(int fd);
/// What the kernel has in memory of a file: its device, as makedev(3) numbers it, its inode, its mount as the first
/// field of /proc/self/mountinfo, and its mode. The mount is 0 where the kernel does not say (before Linux 5.8).
struct linux_identity {
  uint64_t device, inode, mount;
  uint32_t mode;
};
/// statx(2) with AT_STATX_DONT_SYNC of an open file. No daemon and no server is asked, but by file systems that ignore
/// the flag. 0, or a negated errno.
int linux_identify(int fd, struct linux_identity *identity);
/// The same of a path, whose names a daemon or a server may be asked for if they have not been looked up of late.
/// `flags` are those of fstatat(2).
int linux_identify_at(int directory, const char *path, int flags, struct linux_identity *identity);
/// statx(2) of all that `struct linux_status` has. 0, or a negated errno.
int linux_status_of(int directory, const char *path, bool follow_link, struct linux_status *status);

/// getdents64(2): fills `buffer` with records. Answers how many bytes, 0 at the end of the directory.
int64_t linux_read_directory(int fd, void *buffer, size_t length);
/// ioctl_ficlone(2): makes the target, which is empty, share all blocks of the source. 0, or a negated errno.
int linux_clone_file(int source, int target);
/// copy_file_range(2) from and to the same offset, which leaves the files' own offsets alone. Answers how many bytes.
int64_t linux_copy_range(int source, int target, int64_t offset, size_t length);
/// syncfs(2) of the file system that a file is on. 0, or a negated errno.
int linux_sync_file_system(int file);
/// sync_file_range(2) of the whole file, with SYNC_FILE_RANGE_WAIT_BEFORE alone. 0, or a negated errno.
int linux_await_writeback(int file);
/// renameat2(2) with RENAME_NOREPLACE, within one directory. 0, or a negated errno.
int linux_rename_new(int directory, const char *from, const char *to);

// MARK: Extended attributes (xattr(7))

/// What has the attributes: an open file, one whose descriptor only names it (`O_PATH`), or else a path whose last name
/// is followed if it is a symbolic link and `follow` says so.
struct linux_attributed {
  int fd;
  bool path_only;
  const char *path;
  bool follow;
};
/// listxattr(2), getxattr(2): answer how many bytes there are, all of them in `buffer` unless `length` is 0; or a
/// negated errno, -ERANGE if they do not fit.
int64_t linux_list_attributes(struct linux_attributed file, char *buffer, size_t length);
int64_t linux_get_attribute(struct linux_attributed file, const char *name, void *buffer, size_t length);
/// setxattr(2), removexattr(2): 0, or a negated errno.
int linux_set_attribute(struct linux_attributed file, const char *name, const void *value, size_t length);
int linux_remove_attribute(struct linux_attributed file, const char *name);

// MARK: What an `O_PATH` descriptor names

/// chmod(2), chown(2), utimensat(2) of the inode itself, which may be a symbolic link's: 0, or a negated errno. Where
/// the kernel has no such call for a descriptor, by its name in /proc.
int linux_change_mode(int fd, uint32_t mode);
int linux_change_owner(int fd, uint32_t user, uint32_t group);
int linux_change_times(int fd, const struct timespec times[2]);

// MARK: Threads

/// Names the present thread for ps(1) and perf(1), by the first 15 bytes.
void linux_name_thread(const char *name);

/// The mark of the present thread, or NULL. In C because Swift's optimiser may assume that the identity of a thread
/// does not change across a suspension.
void *linux_thread_mark(void);
void linux_mark_thread(void *mark);

#endif
