// The status of files: statx(2), fstatfs(2).
#define _GNU_SOURCE
#include "CLinuxSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

uint64_t linux_file_system_type(int fd) {
  struct statfs status;
  // 32 bits, which a signed type would extend.
  return fstatfs(fd, &status) < 0 ? 0 : (uint32_t)status.f_type;
}

int linux_identify(int fd, struct linux_identity *identity) {
  return linux_identify_at(fd, "", AT_EMPTY_PATH, identity);
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

int linux_identify_at(int directory, const char *path, int flags, struct linux_identity *identity) {
  struct statx status;
  if (statx(directory, path, flags | AT_STATX_DONT_SYNC, identifying, &status) == 0) {
    *identity = (struct linux_identity){
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
  *identity = (struct linux_identity){.device = old.st_dev, .inode = old.st_ino, .mode = old.st_mode};
  return 0;
}

#define SAME_FIELD(ours, theirs) \
  _Static_assert( \
      offsetof(struct linux_status, ours) == offsetof(struct statx, theirs) && \
          sizeof((struct linux_status){0}.ours) == sizeof((struct statx){0}.theirs), \
      #ours " is not " #theirs)

_Static_assert(sizeof(struct linux_status) == sizeof(struct statx), "the size of struct statx");
SAME_FIELD(mask, stx_mask);
SAME_FIELD(block_size, stx_blksize);
SAME_FIELD(attributes, stx_attributes);
SAME_FIELD(link_count, stx_nlink);
SAME_FIELD(user, stx_uid);
SAME_FIELD(group, stx_gid);
SAME_FIELD(mode, stx_mode);
SAME_FIELD(inode, stx_ino);
SAME_FIELD(size, stx_size);
SAME_FIELD(block_count, stx_blocks);
SAME_FIELD(attributes_mask, stx_attributes_mask);
SAME_FIELD(accessed, stx_atime);
SAME_FIELD(created, stx_btime);
SAME_FIELD(changed, stx_ctime);
SAME_FIELD(modified, stx_mtime);
SAME_FIELD(accessed.seconds, stx_atime.tv_sec);
SAME_FIELD(accessed.nanoseconds, stx_atime.tv_nsec);
SAME_FIELD(represented_major, stx_rdev_major);
SAME_FIELD(represented_minor, stx_rdev_minor);
SAME_FIELD(device_major, stx_dev_major);
SAME_FIELD(device_minor, stx_dev_minor);
#ifdef STATX_MNT_ID
SAME_FIELD(mount, stx_mnt_id);
#endif

int linux_status_of(int directory, const char *path, bool follow_link, struct linux_status *status) {
  // No automount, as stat(2) has it.
  int flags = AT_NO_AUTOMOUNT | (follow_link ? 0 : AT_SYMLINK_NOFOLLOW);
  unsigned wanted = LINUX_STATX_BASIC_STATS | LINUX_STATX_BTIME | LINUX_STATX_MNT_ID;
  return statx(directory, path, flags, wanted, (struct statx *)status) < 0 ? -errno : 0;
}
