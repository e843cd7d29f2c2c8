// For tests of where file calls are made.
#ifndef FILE_CALL_FILTER_H
#define FILE_CALL_FILTER_H

#include <stdbool.h>

/// From here on the process ends, its exit code the low byte of the system call's number, when the calling thread, or
/// one that it starts, opens, reads, writes, names or closes a file. write(2) and read(2) are let through, since they
/// wake threads up as well; and what the C library opens in /proc fails, which it can live with.
///
/// \returns false if the kernel has no such filters, seccomp(2).
bool forbid_file_calls_on_this_thread(void);

#endif
