#ifndef CDIGESTS_H
#define CDIGESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// CRC-32C: the Castagnoli polynomial 0x1EDC6F41, reflected, inverted before and after (RFC 3720, appendix B.4).
// `crc` is the checksum of the bytes before, 0 if there are none; the result is the checksum of them all.

/// With the processor's CRC instructions if it has them, otherwise by table.
uint32_t cdigests_crc32c(uint32_t crc, const void *bytes, size_t count);

/// By table on every processor: the fallback, and the reference in tests.
uint32_t cdigests_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

/// Whether `cdigests_crc32c` uses the processor's instructions.
bool cdigests_crc32c_is_accelerated(void);

// XXH3 without a seed, with 64 bits (`xxh3`) and with 128 (`xxh128`), by the system's libxxhash. A state is of one of
// the two lengths, and goes to the functions of that length; `copy` and `free` take both. If the library is not
// available, `create` returns NULL, and the other functions must not be called.

struct cdigests_xxh3;

/// False if the package was compiled without <xxhash.h>, or with a library older than 0.8.0, the first release in which
/// the results of XXH3 are final.
bool cdigests_xxh3_is_available(void);

/// A state that has taken no bytes, to be freed by the caller; NULL if there is no memory.
struct cdigests_xxh3 *cdigests_xxh3_create(void);
struct cdigests_xxh3 *cdigests_xxh128_create(void);

/// Another state that has taken the same bytes, to be freed by the caller; NULL if there is no memory.
struct cdigests_xxh3 *cdigests_xxh3_copy(const struct cdigests_xxh3 *state);

void cdigests_xxh3_free(struct cdigests_xxh3 *state);

void cdigests_xxh3_update(struct cdigests_xxh3 *state, const void *bytes, size_t count);
void cdigests_xxh128_update(struct cdigests_xxh3 *state, const void *bytes, size_t count);

/// The hash of the bytes so far; the state can take more.
uint64_t cdigests_xxh3_digest(const struct cdigests_xxh3 *state);

/// The same in its canonical form: 16 bytes, the most significant first.
void cdigests_xxh128_digest(const struct cdigests_xxh3 *state, void *digest);

#endif
