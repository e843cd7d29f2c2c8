// Extended attributes, and what else belongs to the inode that a descriptor names.
#define _GNU_SOURCE
#include "CLinuxSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

// Room for "/proc/self/fd/" and a number.
enum { OWN_PATH_SIZE = 32 };

static const char *own_path(int fd, char *path) {
  snprintf(path, OWN_PATH_SIZE, "/proc/self/fd/%d", fd);
  return path;
}

// An `O_PATH` descriptor has no such calls of its own. Its name in /proc leads to the inode itself, to that of a
// symbolic link too.
static struct linux_attributed reachable(struct linux_attributed file, char *path) {
  if (file.path_only) {
    file.path = own_path(file.fd, path);
    file.follow = true;
  }
  return file;
}

int64_t linux_list_attributes(struct linux_attributed file, char *buffer, size_t length) {
  char path[OWN_PATH_SIZE];
  file = reachable(file, path);
  ssize_t count = !file.path    ? flistxattr(file.fd, buffer, length)
                  : file.follow ? listxattr(file.path, buffer, length)
                                : llistxattr(file.path, buffer, length);
  return count < 0 ? -errno : count;
}

int64_t linux_get_attribute(struct linux_attributed file, const char *name, void *buffer, size_t length) {
  char path[OWN_PATH_SIZE];
  file = reachable(file, path);
  ssize_t count = !file.path    ? fgetxattr(file.fd, name, buffer, length)
                  : file.follow ? getxattr(file.path, name, buffer, length)
                                : lgetxattr(file.path, name, buffer, length);
  return count < 0 ? -errno : count;
}

int linux_set_attribute(struct linux_attributed file, const char *name, const void *value, size_t length) {
  char path[OWN_PATH_SIZE];
  file = reachable(file, path);
  int result = !file.path    ? fsetxattr(file.fd, name, value, length, 0)
               : file.follow ? setxattr(file.path, name, value, length, 0)
                             : lsetxattr(file.path, name, value, length, 0);
  return result < 0 ? -errno : 0;
}

int linux_remove_attribute(struct linux_attributed file, const char *name) {
  char path[OWN_PATH_SIZE];
  file = reachable(file, path);
  int result = !file.path    ? fremovexattr(file.fd, name)
               : file.follow ? removexattr(file.path, name)
                             : lremovexattr(file.path, name);
  return result < 0 ? -errno : 0;
}

// Written out because C libraries older than the call lack it; one number on all machines but the Alpha.
enum { LINUX_FCHMODAT2 = 452 };

int linux_change_mode(int fd, uint32_t mode) {
  // Since Linux 6.6. A sandbox may refuse what it does not know.
  if (syscall(LINUX_FCHMODAT2, fd, "", mode, AT_EMPTY_PATH) == 0) return 0;
  if (errno != ENOSYS && errno != EPERM) return -errno;
  char path[OWN_PATH_SIZE];
  return chmod(own_path(fd, path), mode) < 0 ? -errno : 0;
}

int linux_change_owner(int fd, uint32_t user, uint32_t group) {
  return fchownat(fd, "", user, group, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

int linux_change_times(int fd, const struct timespec times[2]) {
  // Since Linux 5.8.
  if (utimensat(fd, "", times, AT_EMPTY_PATH) == 0) return 0;
  if (errno != EINVAL) return -errno;
  char path[OWN_PATH_SIZE];
  return utimensat(AT_FDCWD, own_path(fd, path), times, 0) < 0 ? -errno : 0;
}
