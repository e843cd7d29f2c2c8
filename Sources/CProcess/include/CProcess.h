// Calls about the process and about file systems that Swift does not import, or not on every system.
#ifndef CPROCESS_H
#define CPROCESS_H

/// The arguments as the kernel passed them, terminated by a null pointer; NULL if the C library does not pass them to
/// initializers (musl).
char **process_arguments(void);

/// Limits the number of the allocator's arenas, mallopt(3), if it has any. To be called before other threads start.
void process_limit_arenas(int count);

/// syncfs(2): writes the dirty data of the file system of an open file or directory to the disk. Returns 0, or a
/// negated errno.
int process_sync_file_system(int fd);

/// The type of the file system that a path is on, statfs(2). Returns 0, or a negated errno.
int process_file_system_type(const char *path, long *type);

#endif
