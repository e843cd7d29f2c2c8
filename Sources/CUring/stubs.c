// The shim in a build without liburing: making a ring fails with ENOSYS. No ring is ever made, so the functions that
// take one are never called; they exist for the linker.
#if defined(MILLRACE_WITHOUT_LIBURING) || !__has_include(<liburing.h>)
#include "CUring.h"

#include <errno.h>

bool curing_has_liburing(void) { return false; }

int curing_create(
    curing_ring **ring, uint32_t entries, uint32_t completions, uint32_t flags, int shared_workers, uint32_t idle) {
  return -ENOSYS;
}
void curing_destroy(curing_ring *ring) {}
int curing_descriptor(const curing_ring *ring) { return -ENOSYS; }
uint32_t curing_features(const curing_ring *ring) { return 0; }
uint32_t curing_setup_flags(const curing_ring *ring) { return 0; }
uint32_t curing_submission_capacity(const curing_ring *ring) { return 0; }
uint32_t curing_completion_capacity(const curing_ring *ring) { return 0; }
uint32_t curing_unsubmitted(const curing_ring *ring) { return 0; }
uint64_t curing_enters(const curing_ring *ring) { return 0; }
int curing_wait_for_room(curing_ring *ring) { return -ENOSYS; }
bool curing_push(curing_ring *ring, const curing_request *request) { return false; }
void curing_discard(curing_ring *ring) {}
int curing_submit(curing_ring *ring, uint32_t completions) { return -ENOSYS; }
int curing_submit_and_flush(curing_ring *ring) { return -ENOSYS; }
bool curing_holds_completions(const curing_ring *ring) { return false; }
uint32_t curing_take(curing_ring *ring, curing_completion *completions, uint32_t capacity) { return 0; }
int curing_register_buffers(curing_ring *ring, const uint64_t *addresses, const uint64_t *lengths, uint32_t count) {
  return -ENOSYS;
}
int curing_unregister_buffers(curing_ring *ring) { return -ENOSYS; }
int curing_buffers_create(curing_ring *ring, curing_buffers **made, uint16_t group, uint32_t entries) {
  return -ENOSYS;
}
void curing_buffers_add(curing_buffers *buffers, uint64_t address, uint32_t length, uint16_t index) {}
void curing_buffers_destroy(curing_ring *ring, curing_buffers *buffers) {}
int curing_register_files(curing_ring *ring, uint32_t count) { return -ENOSYS; }
int curing_restrict(
    curing_ring *ring, const uint8_t *opcodes, uint32_t count, uint8_t entry_flags, bool may_register) {
  return -ENOSYS;
}
int curing_enable(curing_ring *ring) { return -ENOSYS; }
int curing_limit_workers(curing_ring *ring, uint32_t bounded, uint32_t unbounded) { return -ENOSYS; }
int curing_probe(curing_ring *ring, uint8_t *supported, uint32_t capacity) { return -ENOSYS; }

#endif
