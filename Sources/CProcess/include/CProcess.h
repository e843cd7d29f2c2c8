// What Swift does not show, or not everywhere, of the process that it runs in.
#ifndef CPROCESS_H
#define CPROCESS_H

/// The arguments, ended by a null pointer, as the kernel passed them; NULL if the C library does not pass them on (musl).
char **process_arguments(void);

/// Bounds how many arenas the allocator may have, mallopt(3), where it has any. Called before there are other threads.
void process_limit_arenas(int count);

#endif
