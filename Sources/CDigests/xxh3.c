#include "CDigests.h"

#include <stdlib.h>
#include <string.h>

// `swift build -Xcc -DMILLRACE_WITHOUT_XXHASH` asks for the stubs on a machine that has the header.
#if __has_include(<xxhash.h>) && !defined(MILLRACE_WITHOUT_XXHASH)
#include <xxhash.h>
#endif

// Before 0.8.0 XXH3 was experimental, with other results.
#define FIRST_STABLE_VERSION 800

#if defined(XXH_VERSION_NUMBER) && XXH_VERSION_NUMBER >= FIRST_STABLE_VERSION

// The state is allocated by the library's own functions: its layout is private, and it needs an alignment that malloc
// does not guarantee.
static XXH3_state_t *library_state(struct cdigests_xxh3 *state) { return (XXH3_state_t *)state; }

static const XXH3_state_t *const_library_state(const struct cdigests_xxh3 *state) {
  return (const XXH3_state_t *)state;
}

// The library that is loaded need not be the one compiled against.
bool cdigests_xxh3_is_available(void) { return XXH_versionNumber() >= FIRST_STABLE_VERSION; }

static XXH3_state_t *create(void) { return cdigests_xxh3_is_available() ? XXH3_createState() : NULL; }

struct cdigests_xxh3 *cdigests_xxh3_create(void) {
  XXH3_state_t *state = create();
  if (state != NULL) XXH3_64bits_reset(state);
  return (struct cdigests_xxh3 *)state;
}

struct cdigests_xxh3 *cdigests_xxh128_create(void) {
  XXH3_state_t *state = create();
  if (state != NULL) XXH3_128bits_reset(state);
  return (struct cdigests_xxh3 *)state;
}

struct cdigests_xxh3 *cdigests_xxh3_copy(const struct cdigests_xxh3 *state) {
  XXH3_state_t *copy = XXH3_createState();
  if (copy != NULL) XXH3_copyState(copy, const_library_state(state));
  return (struct cdigests_xxh3 *)copy;
}

void cdigests_xxh3_free(struct cdigests_xxh3 *state) { XXH3_freeState(library_state(state)); }

// The library's update functions fail only for a null pointer, which comes with no bytes.

void cdigests_xxh3_update(struct cdigests_xxh3 *state, const void *bytes, size_t count) {
  if (count > 0) XXH3_64bits_update(library_state(state), bytes, count);
}

void cdigests_xxh128_update(struct cdigests_xxh3 *state, const void *bytes, size_t count) {
  if (count > 0) XXH3_128bits_update(library_state(state), bytes, count);
}

uint64_t cdigests_xxh3_digest(const struct cdigests_xxh3 *state) {
  return XXH3_64bits_digest(const_library_state(state));
}

void cdigests_xxh128_digest(const struct cdigests_xxh3 *state, void *digest) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(const_library_state(state)));
  memcpy(digest, canonical.digest, sizeof canonical.digest);
}

#else

// Without a state the other functions can be called only by mistake, and a mistake must not become a digest.

bool cdigests_xxh3_is_available(void) { return false; }

struct cdigests_xxh3 *cdigests_xxh3_create(void) { return NULL; }

struct cdigests_xxh3 *cdigests_xxh128_create(void) { return NULL; }

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

void cdigests_xxh128_update(struct cdigests_xxh3 *state, const void *bytes, size_t count) {
  (void)state;
  (void)bytes;
  (void)count;
  abort();
}

uint64_t cdigests_xxh3_digest(const struct cdigests_xxh3 *state) {
  (void)state;
  abort();
}

void cdigests_xxh128_digest(const struct cdigests_xxh3 *state, void *digest) {
  (void)state;
  (void)digest;
  abort();
}

#endif
