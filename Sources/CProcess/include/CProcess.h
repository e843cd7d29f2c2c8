// What Swift does not show, or not everywhere, of the process that it runs in and of file systems.
#ifndef CPROCESS_H
#define CPROCESS_H

/// The arguments, ended by a null pointer, as the kernel passed them; NULL if the C library does not pass them on (musl).
char **process_arguments(void);

/// Bounds how many arenas the allocator may have, mallopt(3), where it has any. Called before there are other threads.
void process_limit_arenas(int count);

/// syncfs(2): what is dirty of the file system that an open file or directory is on goes to the disk. Returns 0, or a
/// negated errno.
int process_sync_file_system(int fd);

/// The type of the file system that a path leads to, statfs(2). Returns 0, or a negated errno.
int process_file_system_type(const char *path, long *type);

#endif
