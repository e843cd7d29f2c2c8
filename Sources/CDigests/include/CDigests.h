#ifndef CDIGESTS_H
#define CDIGESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// CRC-32C: the Castagnoli polynomial 0x1EDC6F41, reflected, inverted before and after (RFC 3720, appendix B.4).
// `crc` is the checksum of the bytes before, 0 if there are none; the result is the checksum of them all.

/// By the processor's CRC instructions where it has them, else by table.
uint32_t cdigests_crc32c(uint32_t crc, const void *bytes, size_t count);

/// By table on every processor: the fallback, and what the instructions are tested against.
uint32_t cdigests_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

/// Whether `cdigests_crc32c` uses the processor's instructions.
bool cdigests_crc32c_is_accelerated(void);

// XXH3, 64 bits, no seed, by the system's libxxhash. If it is not available, `create` answers NULL, and the other
// functions must not be called.

struct cdigests_xxh3;

/// False if the package was compiled without <xxhash.h>, or with a library older than 0.8.0, the release that fixed
/// what XXH3 gives.
bool cdigests_xxh3_is_available(void);

/// A state that has taken no bytes, to be freed by the caller; NULL if there is no memory.
struct cdigests_xxh3 *cdigests_xxh3_create(void);

/// Another state that has taken the same bytes, to be freed by the caller; NULL if there is no memory.
struct cdigests_xxh3 *cdigests_xxh3_copy(const struct cdigests_xxh3 *state);

void cdigests_xxh3_free(struct cdigests_xxh3 *state);

void cdigests_xxh3_update(struct cdigests_xxh3 *state, const void *bytes, size_t count);

/// The hash of the bytes so far; the state may go on.
uint64_t cdigests_xxh3_digest(const struct cdigests_xxh3 *state);

#endif
