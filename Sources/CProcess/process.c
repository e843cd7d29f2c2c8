#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <sys/vfs.h>
#include <unistd.h>

static char **arguments = NULL;

// Swift's runtime finds the arguments by searching the stack, whose address it reads from /proc/self/maps. Without
// /proc it finds none, and CommandLine.arguments is empty. glibc passes them to each initializer.
#ifdef __GLIBC__
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
  (void)count;
  arguments = values;
}
#endif

char **process_arguments(void) { return arguments; }

void process_limit_arenas(int count) {
#ifdef M_ARENA_MAX
  mallopt(M_ARENA_MAX, count);
#else
  (void)count;
#endif
}

int process_sync_file_system(int fd) { return syncfs(fd) == 0 ? 0 : -errno; }

int process_file_system_type(const char *path, long *type) {
  struct statfs status;
  if (statfs(path, &status) != 0) return -errno;
  *type = (long)status.f_type;
  return 0;
}
