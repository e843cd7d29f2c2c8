// The ring over liburing. Compiled if the header is installed; otherwise stubs.c is.
#if !defined(MILLRACE_WITHOUT_LIBURING) && __has_include(<liburing.h>)
#define _GNU_SOURCE
#include "CUring.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// CUring.h writes the kernel's numbers out; these compare them with the system's.
#define SAME(ours, theirs) _Static_assert((unsigned)(ours) == (unsigned)(theirs), #ours " is not " #theirs)

struct curing_ring {
  struct io_uring uring;
  uint64_t enters;
};

SAME(CURING_OP_NOP, IORING_OP_NOP);
SAME(CURING_OP_READV, IORING_OP_READV);
SAME(CURING_OP_WRITEV, IORING_OP_WRITEV);
SAME(CURING_OP_FSYNC, IORING_OP_FSYNC);
SAME(CURING_OP_READ_FIXED, IORING_OP_READ_FIXED);
SAME(CURING_OP_WRITE_FIXED, IORING_OP_WRITE_FIXED);
SAME(CURING_OP_POLL_ADD, IORING_OP_POLL_ADD);
SAME(CURING_OP_SYNC_FILE_RANGE, IORING_OP_SYNC_FILE_RANGE);
SAME(CURING_OP_TIMEOUT, IORING_OP_TIMEOUT);
SAME(CURING_OP_ASYNC_CANCEL, IORING_OP_ASYNC_CANCEL);
SAME(CURING_OP_LINK_TIMEOUT, IORING_OP_LINK_TIMEOUT);
SAME(CURING_OP_FALLOCATE, IORING_OP_FALLOCATE);
SAME(CURING_OP_OPENAT, IORING_OP_OPENAT);
SAME(CURING_OP_CLOSE, IORING_OP_CLOSE);
SAME(CURING_OP_STATX, IORING_OP_STATX);
SAME(CURING_OP_READ, IORING_OP_READ);
SAME(CURING_OP_WRITE, IORING_OP_WRITE);
SAME(CURING_OP_FADVISE, IORING_OP_FADVISE);
SAME(CURING_OP_OPENAT2, IORING_OP_OPENAT2);
SAME(CURING_OP_SPLICE, IORING_OP_SPLICE);
SAME(CURING_OP_RENAMEAT, IORING_OP_RENAMEAT);
SAME(CURING_OP_UNLINKAT, IORING_OP_UNLINKAT);
SAME(CURING_OP_MKDIRAT, IORING_OP_MKDIRAT);
SAME(CURING_OP_SYMLINKAT, IORING_OP_SYMLINKAT);
SAME(CURING_OP_LINKAT, IORING_OP_LINKAT);
SAME(CURING_OP_MSG_RING, IORING_OP_MSG_RING);
SAME(CURING_SETUP_SQPOLL, IORING_SETUP_SQPOLL);
SAME(CURING_SETUP_CQSIZE, IORING_SETUP_CQSIZE);
SAME(CURING_SETUP_CLAMP, IORING_SETUP_CLAMP);
SAME(CURING_SETUP_ATTACH_WQ, IORING_SETUP_ATTACH_WQ);
SAME(CURING_SETUP_R_DISABLED, IORING_SETUP_R_DISABLED);
SAME(CURING_SETUP_SUBMIT_ALL, IORING_SETUP_SUBMIT_ALL);
SAME(CURING_SETUP_COOP_TASKRUN, IORING_SETUP_COOP_TASKRUN);
SAME(CURING_SETUP_TASKRUN_FLAG, IORING_SETUP_TASKRUN_FLAG);
SAME(CURING_SETUP_SINGLE_ISSUER, IORING_SETUP_SINGLE_ISSUER);
SAME(CURING_SETUP_DEFER_TASKRUN, IORING_SETUP_DEFER_TASKRUN);
SAME(CURING_SQE_FIXED_FILE, IOSQE_FIXED_FILE);
SAME(CURING_SQE_IO_LINK, IOSQE_IO_LINK);
SAME(CURING_SQE_IO_HARDLINK, IOSQE_IO_HARDLINK);
SAME(CURING_SQE_BUFFER_SELECT, IOSQE_BUFFER_SELECT);
SAME(CURING_CQE_BUFFER, IORING_CQE_F_BUFFER);
SAME(CURING_CQE_BUFFER_SHIFT, IORING_CQE_BUFFER_SHIFT);
SAME(CURING_FILE_INDEX_ALLOC, IORING_FILE_INDEX_ALLOC);
SAME(CURING_FSYNC_DATASYNC, IORING_FSYNC_DATASYNC);
SAME(CURING_TIMEOUT_ABS, IORING_TIMEOUT_ABS);
SAME(CURING_TIMEOUT_BOOTTIME, IORING_TIMEOUT_BOOTTIME);
SAME(CURING_TIMEOUT_REALTIME, IORING_TIMEOUT_REALTIME);

bool curing_has_liburing(void) { return true; }

int curing_create(
    curing_ring **ring, uint32_t entries, uint32_t completions, uint32_t flags, int shared_workers, uint32_t idle) {
  curing_ring *made = calloc(1, sizeof *made);
  if (!made) return -ENOMEM;
  struct io_uring_params parameters = {
      .flags = flags, .cq_entries = completions, .wq_fd = (uint32_t)shared_workers, .sq_thread_idle = idle};
  int result = io_uring_queue_init_params(entries, &made->uring, &parameters);
  if (result < 0) {
    free(made);
    return result;
  }
  // io_uring_setup(2) opens the descriptor close-on-exec, so no child process inherits it.
  *ring = made;
  return 0;
}

void curing_destroy(curing_ring *ring) {
  io_uring_queue_exit(&ring->uring);
  free(ring);
}

int curing_descriptor(const curing_ring *ring) { return ring->uring.ring_fd; }
uint32_t curing_features(const curing_ring *ring) { return ring->uring.features; }
uint32_t curing_setup_flags(const curing_ring *ring) { return ring->uring.flags; }
uint32_t curing_submission_capacity(const curing_ring *ring) { return ring->uring.sq.ring_entries; }
uint32_t curing_completion_capacity(const curing_ring *ring) { return ring->uring.cq.ring_entries; }
uint32_t curing_unsubmitted(const curing_ring *ring) { return io_uring_sq_ready(&ring->uring); }
uint64_t curing_enters(const curing_ring *ring) { return ring->enters; }

int curing_wait_for_room(curing_ring *ring) { return io_uring_sqring_wait(&ring->uring); }

bool curing_push(curing_ring *ring, const curing_request *request) {
  struct io_uring_sqe *entry = io_uring_get_sqe(&ring->uring);
  if (!entry) return false;
  // The entry still has the fields of the operation that used it last.
  memset(entry, 0, sizeof *entry);
  entry->opcode = request->opcode;
  entry->flags = request->flags;
  entry->fd = request->fd;
  entry->off = request->offset;
  entry->addr = request->address;
  entry->len = request->length;
  entry->rw_flags = (int)request->operation_flags;
  entry->user_data = request->user_data;
  entry->buf_index = request->buffer_index;
  entry->file_index = request->file_index;
  return true;
}

void curing_discard(curing_ring *ring) {
  struct io_uring_sq *queue = &ring->uring.sq;
  // An enter that failed has published its entries although the kernel has taken none of them, so start at the kernel's
  // head. Entries that were published to a polling kernel thread must not be touched: the thread may be reading them.
  bool is_polled = ring->uring.flags & IORING_SETUP_SQPOLL;
  for (unsigned index = is_polled ? queue->sqe_head : *queue->khead; index != queue->sqe_tail; index++) {
    struct io_uring_sqe *entry = &queue->sqes[index & (queue->ring_entries - 1)];
    if (entry->opcode == IORING_OP_ASYNC_CANCEL) continue;
    uint64_t user_data = entry->user_data;
    memset(entry, 0, sizeof *entry);
    entry->opcode = IORING_OP_NOP;
    entry->user_data = user_data;
  }
}

int curing_submit(curing_ring *ring, uint32_t completions) {
  if (completions == 0 && io_uring_sq_ready(&ring->uring) == 0) return 0;
  ring->enters++;
  return io_uring_submit_and_wait(&ring->uring, completions);
}

int curing_submit_and_flush(curing_ring *ring) {
  ring->enters++;
  return io_uring_submit_and_get_events(&ring->uring);
}

bool curing_holds_completions(const curing_ring *ring) {
  return IO_URING_READ_ONCE(*ring->uring.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW);
}

uint32_t curing_take(curing_ring *ring, curing_completion *completions, uint32_t capacity) {
  struct io_uring_cqe *entry;
  unsigned head, taken = 0;
  io_uring_for_each_cqe(&ring->uring, head, entry) {
    if (taken == capacity) break;
    completions[taken++] =
        (curing_completion){.user_data = entry->user_data, .result = entry->res, .flags = entry->flags};
  }
  io_uring_cq_advance(&ring->uring, taken);
  return taken;
}

int curing_register_buffers(curing_ring *ring, const uint64_t *addresses, const uint64_t *lengths, uint32_t count) {
  struct iovec *vectors = calloc(count, sizeof *vectors);
  if (!vectors) return -ENOMEM;
  for (uint32_t i = 0; i < count; i++) {
    vectors[i] = (struct iovec){.iov_base = (void *)(uintptr_t)addresses[i], .iov_len = lengths[i]};
  }
  int result = io_uring_register_buffers(&ring->uring, vectors, count);
  free(vectors);
  return result;
}

int curing_unregister_buffers(curing_ring *ring) { return io_uring_unregister_buffers(&ring->uring); }

struct curing_buffers {
  struct io_uring_buf_ring *queue;
  uint32_t entries;
  uint16_t group;
};

int curing_buffers_create(curing_ring *ring, curing_buffers **made, uint16_t group, uint32_t entries) {
  curing_buffers *buffers = calloc(1, sizeof *buffers);
  if (!buffers) return -ENOMEM;
  long page = sysconf(_SC_PAGESIZE);
  size_t size = entries * sizeof(struct io_uring_buf);
  size = (size + (size_t)page - 1) / (size_t)page * (size_t)page;
  void *memory = aligned_alloc((size_t)page, size);
  if (!memory) {
    free(buffers);
    return -ENOMEM;
  }
  memset(memory, 0, size);
  *buffers = (curing_buffers){.queue = memory, .entries = entries, .group = group};
  struct io_uring_buf_reg registration = {
      .ring_addr = (uint64_t)(uintptr_t)memory, .ring_entries = entries, .bgid = group};
  int result = io_uring_register_buf_ring(&ring->uring, &registration, 0);
  if (result < 0) {
    free(memory);
    free(buffers);
    return result;
  }
  io_uring_buf_ring_init(buffers->queue);
  *made = buffers;
  return 0;
}

void curing_buffers_add(curing_buffers *buffers, uint64_t address, uint32_t length, uint16_t index) {
  io_uring_buf_ring_add(
      buffers->queue, (void *)(uintptr_t)address, length, index, io_uring_buf_ring_mask(buffers->entries), 0);
  io_uring_buf_ring_advance(buffers->queue, 1);
}

void curing_buffers_destroy(curing_ring *ring, curing_buffers *buffers) {
  io_uring_unregister_buf_ring(&ring->uring, buffers->group);
  free(buffers->queue);
  free(buffers);
}

int curing_register_files(curing_ring *ring, uint32_t count) {
  int result = io_uring_register_files_sparse(&ring->uring, count);
  if (result != -EINVAL) return result;
  int *holes = malloc(count * sizeof *holes);
  if (!holes) return -ENOMEM;
  for (uint32_t i = 0; i < count; i++) holes[i] = -1;
  result = io_uring_register_files(&ring->uring, holes, count);
  free(holes);
  return result;
}

// liburing 2.3 declares functions for these two, but its shared library lacks them.
static int ring_register(curing_ring *ring, unsigned opcode, const void *argument, unsigned count) {
  long result = syscall(SYS_io_uring_register, ring->uring.ring_fd, opcode, argument, count);
  return result < 0 ? -errno : (int)result;
}

int curing_restrict(
    curing_ring *ring, const uint8_t *opcodes, uint32_t count, uint8_t entry_flags, bool may_register) {
  static const uint8_t registrations[] = {
      IORING_REGISTER_BUFFERS,
      IORING_UNREGISTER_BUFFERS,
      IORING_REGISTER_PBUF_RING,
      IORING_UNREGISTER_PBUF_RING,
  };
  uint32_t allowed = may_register ? sizeof registrations : 0;
  struct io_uring_restriction *rules = calloc(count + allowed + 1, sizeof *rules);
  if (!rules) return -ENOMEM;
  uint32_t rule = 0;
  for (uint32_t i = 0; i < count; i++) {
    rules[rule++] = (struct io_uring_restriction){.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = opcodes[i]};
  }
  for (uint32_t i = 0; i < allowed; i++) {
    rules[rule++] =
        (struct io_uring_restriction){.opcode = IORING_RESTRICTION_REGISTER_OP, .register_op = registrations[i]};
  }
  rules[rule++] =
      (struct io_uring_restriction){.opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED, .sqe_flags = entry_flags};
  int result = ring_register(ring, IORING_REGISTER_RESTRICTIONS, rules, rule);
  free(rules);
  return result;
}

int curing_enable(curing_ring *ring) { return ring_register(ring, IORING_REGISTER_ENABLE_RINGS, NULL, 0); }

int curing_limit_workers(curing_ring *ring, uint32_t bounded, uint32_t unbounded) {
  unsigned limits[2] = {bounded, unbounded};
  return io_uring_register_iowq_max_workers(&ring->uring, limits);
}

int curing_probe(curing_ring *ring, uint8_t *supported, uint32_t capacity) {
  struct io_uring_probe *probe = io_uring_get_probe_ring(&ring->uring);
  if (!probe) return -EINVAL;
  for (uint32_t opcode = 0; opcode < capacity; opcode++) {
    supported[opcode] = io_uring_opcode_supported(probe, (int)opcode) != 0;
  }
  int known = probe->last_op + 1;
  io_uring_free_probe(probe);
  return known;
}

#endif
