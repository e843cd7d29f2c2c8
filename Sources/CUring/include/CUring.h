// The whole of liburing that Swift sees: opaque pointers and plain integers.
//
// Only the .c files of this target include <liburing.h> and <linux/io_uring.h>. Other packages (swift-system's CSystem)
// declare `struct io_uring_sqe`, too, and a program in which Swift's importer finds both declarations does not compile.
//
// Functions that can fail return a negated errno, as liburing does.
#ifndef CURING_H
#define CURING_H

#include <stdbool.h>
#include <stdint.h>

/// A ring: both queues and the memory they share with the kernel.
typedef struct curing_ring curing_ring;

/// A group of buffers that the kernel chooses from.
typedef struct curing_buffers curing_buffers;

/// A submission queue entry. The fields are those of io_uring_enter(2); their meaning depends on the opcode.
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
  /// An index of the ring's file table plus one, or CURING_FILE_INDEX_ALLOC; for a splice the descriptor that is read.
  uint32_t file_index;
} curing_request;

/// For `file_index`: the kernel chooses a free index (Linux 5.19). Written into the entry as it is: liburing 2.3's own
/// helpers add one to it and so request an ordinary descriptor.
#define CURING_FILE_INDEX_ALLOC 0xffffffffU

/// A completion queue entry.
typedef struct {
  uint64_t user_data;
  int32_t result;
  uint32_t flags;
} curing_completion;

/// The opcodes that IOUring uses; ring.c asserts that they are the kernel's.
enum {
  CURING_OP_NOP = 0,
  CURING_OP_READV = 1,
  CURING_OP_WRITEV = 2,
  CURING_OP_FSYNC = 3,
  CURING_OP_READ_FIXED = 4,
  CURING_OP_WRITE_FIXED = 5,
  CURING_OP_POLL_ADD = 6,
  CURING_OP_SYNC_FILE_RANGE = 8,
  CURING_OP_TIMEOUT = 11,
  CURING_OP_ASYNC_CANCEL = 14,
  CURING_OP_LINK_TIMEOUT = 15,
  CURING_OP_FALLOCATE = 17,
  CURING_OP_OPENAT = 18,
  CURING_OP_CLOSE = 19,
  CURING_OP_STATX = 21,
  CURING_OP_READ = 22,
  CURING_OP_WRITE = 23,
  CURING_OP_FADVISE = 24,
  CURING_OP_OPENAT2 = 28,
  CURING_OP_SPLICE = 30,
  CURING_OP_RENAMEAT = 35,
  CURING_OP_UNLINKAT = 36,
  CURING_OP_MKDIRAT = 37,
  CURING_OP_SYMLINKAT = 38,
  CURING_OP_LINKAT = 39,
  CURING_OP_MSG_RING = 40,
};

/// Flags for `curing_create`; ring.c asserts that they are the kernel's.
enum {
  CURING_SETUP_SQPOLL = 1 << 1,
  CURING_SETUP_CQSIZE = 1 << 3,
  CURING_SETUP_CLAMP = 1 << 4,
  CURING_SETUP_ATTACH_WQ = 1 << 5,
  CURING_SETUP_R_DISABLED = 1 << 6,
  CURING_SETUP_SUBMIT_ALL = 1 << 7,
  CURING_SETUP_COOP_TASKRUN = 1 << 8,
  CURING_SETUP_TASKRUN_FLAG = 1 << 9,
  CURING_SETUP_SINGLE_ISSUER = 1 << 12,
  CURING_SETUP_DEFER_TASKRUN = 1 << 13,
};

/// Flags of a submission queue entry; ring.c asserts that they are the kernel's.
enum {
  CURING_SQE_FIXED_FILE = 1 << 0,
  CURING_SQE_IO_LINK = 1 << 2,
  CURING_SQE_IO_HARDLINK = 1 << 3,
  CURING_SQE_BUFFER_SELECT = 1 << 5,
};

/// Flags of a completion; ring.c asserts that they are the kernel's.
enum {
  /// The kernel chose a buffer; its index is in the flags from this bit up.
  CURING_CQE_BUFFER = 1 << 0,
  CURING_CQE_BUFFER_SHIFT = 16,
};

/// Flags of single opcodes; ring.c asserts that they are the kernel's.
enum {
  CURING_FSYNC_DATASYNC = 1 << 0,
  CURING_TIMEOUT_ABS = 1 << 0,
  CURING_TIMEOUT_BOOTTIME = 1 << 2,
  CURING_TIMEOUT_REALTIME = 1 << 3,
};

// MARK: The ring

/// Whether this build has liburing. Without it the functions below fail with -ENOSYS or do nothing.
bool curing_has_liburing(void);

/// io_uring_setup(2). `shared_workers` is the descriptor of a ring whose worker threads this one shares (ATTACH_WQ);
/// `idle` the time in milliseconds after which a polling kernel thread goes to sleep (SQPOLL).
int curing_create(
    curing_ring **ring, uint32_t entries, uint32_t completions, uint32_t flags, int shared_workers, uint32_t idle);
/// Unmaps the queues and closes the ring. It does not wait for operations in flight: take their completions first.
void curing_destroy(curing_ring *ring);

int curing_descriptor(const curing_ring *ring);
/// The kernel's IORING_FEAT_… bits.
uint32_t curing_features(const curing_ring *ring);
uint32_t curing_setup_flags(const curing_ring *ring);
uint32_t curing_submission_capacity(const curing_ring *ring);
uint32_t curing_completion_capacity(const curing_ring *ring);
/// The number of entries that are filled and not yet submitted.
uint32_t curing_unsubmitted(const curing_ring *ring);
/// How often io_uring_enter(2) was called to submit or to wait.
uint64_t curing_enters(const curing_ring *ring);

/// Waits until a polling kernel thread has taken an entry off the full submission queue.
int curing_wait_for_room(curing_ring *ring);
/// Fills the next submission queue entry. False if the queue is full.
bool curing_push(curing_ring *ring, const curing_request *request);
/// Replaces the filled entries that the kernel has not taken by no-operations, except cancel requests.
void curing_discard(curing_ring *ring);
/// Submits the filled entries and, if `completions` is not 0, waits until that many completions have arrived.
int curing_submit(curing_ring *ring, uint32_t completions);
/// Submits the filled entries and has the kernel post the completions that it holds back, without waiting.
int curing_submit_and_flush(curing_ring *ring);
/// Whether the kernel holds completions back until `curing_submit_and_flush`. Known only with
/// CURING_SETUP_TASKRUN_FLAG.
bool curing_holds_completions(const curing_ring *ring);
/// Takes up to `capacity` completions off the queue. Returns how many.
uint32_t curing_take(curing_ring *ring, curing_completion *completions, uint32_t capacity);

/// Registers `count` buffers for the fixed operations.
int curing_register_buffers(curing_ring *ring, const uint64_t *addresses, const uint64_t *lengths, uint32_t count);
int curing_unregister_buffers(curing_ring *ring);
/// Makes the queue of a group of buffers that the kernel chooses from for entries with CURING_SQE_BUFFER_SELECT (Linux
/// 5.19). `entries` is a power of two. `curing_buffers_destroy` frees the queue.
int curing_buffers_create(curing_ring *ring, curing_buffers **made, uint16_t group, uint32_t entries);
/// Gives the kernel a buffer, or gives it back.
void curing_buffers_add(curing_buffers *buffers, uint64_t address, uint32_t length, uint16_t index);
/// Unregisters the group; no operation may be using it.
void curing_buffers_destroy(curing_ring *ring, curing_buffers *buffers);
/// Makes an empty file table of `count` entries (io_uring_register_files_sparse(3), or its equivalent before Linux
/// 5.19).
int curing_register_files(curing_ring *ring, uint32_t count);
/// Allows these opcodes, with these entry flags, and nothing else, for ever; for a ring that is still disabled. Buffers
/// can be registered later only with `may_register`.
int curing_restrict(
    curing_ring *ring, const uint8_t *opcodes, uint32_t count, uint8_t entry_flags, bool may_register);
/// Enables a ring that was made with CURING_SETUP_R_DISABLED.
int curing_enable(curing_ring *ring);
/// Limits the worker threads (io-wq) for operations that take a bounded time, and for those that may block for ever.
int curing_limit_workers(curing_ring *ring, uint32_t bounded, uint32_t unbounded);
/// Writes 1 or 0 for each opcode below `capacity`. Returns how many opcodes the kernel knows.
int curing_probe(curing_ring *ring, uint8_t *supported, uint32_t capacity);

#endif
