// Flags and limits of system calls that Swift's C library overlay lacks. They are the kernel's for ever; flags.c
// compares them with the system's headers where those know them.
#ifndef CLINUX_FLAGS_H
#define CLINUX_FLAGS_H

/// open(2). O_TMPFILE is this together with O_DIRECTORY.
enum { LINUX_O_TMPFILE = 020000000 };

/// openat2(2).
enum {
  LINUX_RESOLVE_NO_XDEV = 0x01,
  LINUX_RESOLVE_NO_MAGICLINKS = 0x02,
  LINUX_RESOLVE_NO_SYMLINKS = 0x04,
  LINUX_RESOLVE_BENEATH = 0x08,
  LINUX_RESOLVE_IN_ROOT = 0x10,
  LINUX_RESOLVE_CACHED = 0x20,
};

/// The calls whose names end in `at`.
enum { LINUX_AT_EMPTY_PATH = 0x1000 };

/// statx(2): what the kernel is asked for, and says that it gave.
enum {
  LINUX_STATX_BASIC_STATS = 0x07ff,
  LINUX_STATX_BTIME = 0x0800,
  LINUX_STATX_MNT_ID = 0x1000,
};

/// The most elements of a readv(2) or writev(2).
enum { LINUX_IOV_MAX = 1024 };

/// sync_file_range(2).
enum {
  LINUX_SYNC_FILE_RANGE_WAIT_BEFORE = 1,
  LINUX_SYNC_FILE_RANGE_WRITE = 2,
  LINUX_SYNC_FILE_RANGE_WAIT_AFTER = 4,
};

/// fallocate(2).
enum {
  LINUX_FALLOC_KEEP_SIZE = 0x01,
  LINUX_FALLOC_PUNCH_HOLE = 0x02,
  LINUX_FALLOC_COLLAPSE_RANGE = 0x08,
  LINUX_FALLOC_ZERO_RANGE = 0x10,
  LINUX_FALLOC_INSERT_RANGE = 0x20,
  LINUX_FALLOC_UNSHARE_RANGE = 0x40,
};

/// renameat2(2).
enum {
  LINUX_RENAME_NOREPLACE = 1,
  LINUX_RENAME_EXCHANGE = 2,
};

/// splice(2).
enum {
  LINUX_SPLICE_MOVE = 1,
  LINUX_SPLICE_MORE = 4,
};

/// poll(2).
enum { LINUX_POLLRDHUP = 0x2000 };

#endif
