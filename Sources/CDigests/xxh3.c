#include "CDigests.h"

#include <stdlib.h>

// `swift build -Xcc -DMILLRACE_WITHOUT_XXHASH` asks for the stubs on a machine that has the header.
#if __has_include(<xxhash.h>) && !defined(MILLRACE_WITHOUT_XXHASH)
#include <xxhash.h>
#endif

// XXH3 was an experiment, with other results, before 0.8.0.
#define FIRST_STABLE_VERSION 800

#if defined(XXH_VERSION_NUMBER) && XXH_VERSION_NUMBER >= FIRST_STABLE_VERSION

// The library's own functions allocate its state, whose layout is its own and wants an alignment that malloc does not
// promise.
static XXH3_state_t *theirs(struct cdigests_xxh3 *state) { return (XXH3_state_t *)state; }

// The library that is loaded need not be the one compiled against.
bool cdigests_xxh3_is_available(void) { return XXH_versionNumber() >= FIRST_STABLE_VERSION; }

struct cdigests_xxh3 *cdigests_xxh3_create(void) {
  if (!cdigests_xxh3_is_available()) return NULL;
  XXH3_state_t *state = XXH3_createState();
  if (state != NULL) XXH3_64bits_reset(state);
  return (struct cdigests_xxh3 *)state;
}

struct cdigests_xxh3 *cdigests_xxh3_copy(const struct cdigests_xxh3 *state) {
  XXH3_state_t *copy = XXH3_createState();
  if (copy != NULL) XXH3_copyState(copy, (const XXH3_state_t *)state);
  return (struct cdigests_xxh3 *)copy;
}

void cdigests_xxh3_free(struct cdigests_xxh3 *state) { XXH3_freeState(theirs(state)); }

void cdigests_xxh3_update(struct cdigests_xxh3 *state, const void *bytes, size_t count) {
  // It refuses only a null pointer, and no bytes are no change.
  if (count > 0) XXH3_64bits_update(theirs(state), bytes, count);
}

uint64_t cdigests_xxh3_digest(const struct cdigests_xxh3 *state) {
  return XXH3_64bits_digest((const XXH3_state_t *)state);
}

#else

// With no state to be had, the other functions cannot be reached but by a mistake, and a mistake must not become a
// digest.

bool cdigests_xxh3_is_available(void) { return false; }

struct cdigests_xxh3 *cdigests_xxh3_create(void) { return NULL; }

struct cdigests_xxh3 *cdigests_xxh3_copy(const struct cdigests_xxh3 *state) {
  (void)state;
  abort();
}

void cdigests_xxh3_free(struct cdigests_xxh3 *state) {
  (void)state;
  abort();
}

void cdigests_xxh3_update(struct cdigests_xxh3 *state, const void *bytes, size_t count) {
  (void)state;
  (void)bytes;
  (void)count;
  abort();
}

uint64_t cdigests_xxh3_digest(const struct cdigests_xxh3 *state) {
  (void)state;
  abort();
}

#endif
