#define _GNU_SOURCE
#include "CMemorySearch.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// glibc's memmem (2.36) fills a table of 256 bytes at each call and then compares byte by byte: 0.5 GB/s in log lines.
// This compares the first and the last byte of the needle at 16 offsets at a time ("generic SIMD" in Wojciech Muła's
// http://0x80.pl/articles/simd-strfind.html), with the vector extensions of GCC and Clang for any processor.
typedef uint8_t Vector __attribute__((vector_size(16)));

typedef struct {
  const uint8_t *bytes, *needle;
  size_t needle_count;
  // The number of bytes that may still be compared without a match. Beyond that memmem is faster, as in zeros with a
  // needle of zeros and a one.
  size_t budget;
} Search;

static bool is_match(Search *search, size_t offset) {
  if (memcmp(search->bytes + offset, search->needle, search->needle_count) == 0) return true;
  search->budget -= search->needle_count < search->budget ? search->needle_count : search->budget;
  return false;
}

// The first match among the 16 offsets from `start` on, or SIZE_MAX.
static inline size_t find_in_block(Search *search, size_t start, Vector first, Vector last) {
  Vector begins, ends;
  memcpy(&begins, search->bytes + start, sizeof begins);
  memcpy(&ends, search->bytes + start + search->needle_count - 1, sizeof ends);
  Vector found = (Vector)((begins == first) & (ends == last));
  uint64_t halves[2];
  memcpy(halves, &found, sizeof halves);
  if ((halves[0] | halves[1]) == 0) return SIZE_MAX;
  for (size_t index = 0; index < sizeof found; index++) {
    if (found[index] && is_match(search, start + index)) return start + index;
  }
  return SIZE_MAX;
}

// For fewer offsets than a block has.
static const void *find_in_few(const uint8_t *bytes, size_t offsets, const uint8_t *needle, size_t needle_count) {
  for (size_t offset = 0; offset < offsets; offset++) {
    if (bytes[offset] == needle[0] && memcmp(bytes + offset, needle, needle_count) == 0) return bytes + offset;
  }
  return NULL;
}

const void *cmemory_find(const void *memory, size_t count, const void *wanted, size_t needle_count) {
  const uint8_t *bytes = memory, *needle = wanted;
  if (needle_count == 0) return bytes;
  if (needle_count > count) return NULL;
  if (needle_count == 1) return memchr(bytes, needle[0], count);
  size_t offsets = count - needle_count + 1;
  if (offsets < sizeof(Vector)) return find_in_few(bytes, offsets, needle, needle_count);

  Search search = {bytes, needle, needle_count, 4096 + 4 * count};
  Vector first = needle[0] - (Vector){}, last = needle[needle_count - 1] - (Vector){};
  for (size_t start = 0; start < offsets; start += sizeof(Vector)) {
    // The last block begins earlier, so that it ends at the last offset.
    size_t block = start + sizeof(Vector) <= offsets ? start : offsets - sizeof(Vector);
    size_t match = find_in_block(&search, block, first, last);
    if (match != SIZE_MAX) return bytes + match;
    if (search.budget == 0) return memmem(bytes + block, count - block, needle, needle_count);
  }
  return NULL;
}

const void *cmemory_find_last(const void *bytes, int byte, size_t count) {
  return memrchr(bytes, byte, count);
}

// In blocks whose count fits into a byte, so that the compiler adds vectors of bytes.
size_t cmemory_count(const void *memory, int wanted, size_t count) {
  const uint8_t *bytes = memory, byte = (uint8_t)wanted;
  size_t total = 0;
  while (count > 0) {
    size_t block_count = count < 240 ? count : 240;
    uint8_t block = 0;
    for (size_t index = 0; index < block_count; index++) block += bytes[index] == byte;
    total += block;
    bytes += block_count;
    count -= block_count;
  }
  return total;
}
