// The whole of liburing that Swift sees: opaque pointers and plain integers.
//
// <liburing.h> and <linux/io_uring.h> are included in this target's .c files only. Other packages (swift-system's CSystem)
// declare `struct io_uring_sqe` too, and a program in which Swift's importer meets both declarations does not compile.
//
// Functions that can fail answer a negated errno, as liburing does.
#ifndef CURING_H
#define CURING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A ring: both queues and the memory they share with the kernel.
typedef struct curing_ring curing_ring;

/// A submission queue entry. The fields are those of io_uring_enter(2); what they mean depends on the opcode.
typedef struct {
  uint8_t opcode;
  uint8_t flags;
  uint16_t buffer_index;
  int32_t fd;
  uint64_t offset;
  uint64_t address;
  uint32_t length;
  uint32_t operation_flags;
  uint64_t user_data;
} curing_request;

/// A completion queue entry.
typedef struct {
  uint64_t user_data;
  int32_t result;
  uint32_t flags;
} curing_completion;

/// The opcodes that IOUring uses. ring.c asserts that they are the kernel's.
enum {
  CURING_OP_NOP = 0,
  CURING_OP_READ_FIXED = 4,
  CURING_OP_TIMEOUT = 11,
  CURING_OP_ASYNC_CANCEL = 14,
  CURING_OP_OPENAT = 18,
  CURING_OP_CLOSE = 19,
  CURING_OP_STATX = 21,
  CURING_OP_READ = 22,
  CURING_OP_WRITE = 23,
};

/// Flags for `curing_create`; ring.c asserts that they are the kernel's.
enum {
  CURING_SETUP_CQSIZE = 1 << 3,
  CURING_SETUP_CLAMP = 1 << 4,
  CURING_SETUP_ATTACH_WQ = 1 << 5,
  CURING_SETUP_COOP_TASKRUN = 1 << 8,
  CURING_SETUP_TASKRUN_FLAG = 1 << 9,
  CURING_SETUP_SINGLE_ISSUER = 1 << 12,
  CURING_SETUP_DEFER_TASKRUN = 1 << 13,
};

// MARK: The ring

/// Whether this build has liburing. Without it every function below answers -ENOSYS or nothing.
bool curing_has_liburing(void);

/// io_uring_setup(2). `shared_workers` is the descriptor of a ring whose worker threads this one shares, if the flags say so.
int curing_create(curing_ring **ring, uint32_t entries, uint32_t completions, uint32_t flags, int shared_workers);
/// Unmaps the queues and closes the ring. It does not wait for operations in flight: drain the completions first.
void curing_destroy(curing_ring *ring);

int curing_descriptor(const curing_ring *ring);
/// The kernel's IORING_FEAT_… bits.
uint32_t curing_features(const curing_ring *ring);
uint32_t curing_setup_flags(const curing_ring *ring);
uint32_t curing_submission_capacity(const curing_ring *ring);
uint32_t curing_completion_capacity(const curing_ring *ring);
/// How many entries are filled and not yet submitted.
uint32_t curing_unsubmitted(const curing_ring *ring);
/// How often io_uring_enter(2) was called to submit or to wait.
uint64_t curing_enters(const curing_ring *ring);

/// Fills the next submission queue entry. False if the queue is full.
bool curing_push(curing_ring *ring, const curing_request *request);
/// Submits what is filled and, if `completions` is not 0, waits until that many are there.
int curing_submit(curing_ring *ring, uint32_t completions);
/// Submits what is filled and lets the kernel post the completions that it has put off, without waiting.
int curing_submit_and_flush(curing_ring *ring);
/// Whether the kernel holds completions back until `curing_submit_and_flush`. Known only with CURING_SETUP_TASKRUN_FLAG.
bool curing_holds_completions(const curing_ring *ring);
/// Takes up to `capacity` completions off the queue. Answers how many.
uint32_t curing_take(curing_ring *ring, curing_completion *completions, uint32_t capacity);

/// Registers `count` buffers for the fixed operations.
int curing_register_buffers(curing_ring *ring, const uint64_t *addresses, const uint64_t *lengths, uint32_t count);
int curing_unregister_buffers(curing_ring *ring);
/// Bounds the ring's own worker threads (io-wq), for files and for what may block without end.
int curing_limit_workers(curing_ring *ring, uint32_t bounded, uint32_t unbounded);
/// Writes 1 or 0 for each opcode below `capacity`. Answers how many opcodes the kernel knows.
int curing_probe(curing_ring *ring, uint8_t *supported, uint32_t capacity);

// MARK: System calls that Swift's C library overlay lacks

/// eventfd(2), close-on-exec.
int curing_eventfd(void);
/// openat2(2) with RESOLVE_CACHED: -EAGAIN if the path cannot be resolved from the dentry cache alone.
int curing_open_cached(int directory, const char *path, uint64_t flags);
/// openat2(2) with RESOLVE_NO_SYMLINKS: -ELOOP if a component is a symbolic link; and with RESOLVE_CACHED, if `cached`.
int curing_open_without_links(int directory, const char *path, uint64_t flags, bool cached);
/// preadv2(2) with RWF_NOWAIT: -EAGAIN if not even the first byte is in the page cache.
int64_t curing_read_cached(int fd, void *buffer, size_t length, int64_t offset);

/// getdents64(2): fills `buffer` with records. Answers how many bytes, 0 at the end of the directory.
int64_t curing_read_directory(int fd, void *buffer, size_t length);
/// Names the present thread for ps(1) and perf(1), by the first 15 bytes.
void curing_name_thread(const char *name);

// MARK: Which loop runs on this thread

/// What the present thread was marked with, or NULL. In C because Swift's optimiser may take the identity of a thread for a
/// constant across a suspension.
void *curing_current_loop(void);
void curing_set_current_loop(void *loop);

#endif
