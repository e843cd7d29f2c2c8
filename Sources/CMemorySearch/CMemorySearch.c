#define _GNU_SOURCE
#include "CMemorySearch.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// glibc's memmem (2.36) fills a table of 256 bytes at each call and then goes byte by byte: 0.5 GB/s in log lines. Here
// 16 places at a time are ruled out by the first and the last byte of the needle ("generic SIMD" in Wojciech Muła's
// http://0x80.pl/articles/simd-strfind.html), with vectors that GCC and Clang make for any processor.
typedef uint8_t Vector __attribute__((vector_size(16)));

typedef struct {
  const uint8_t *bytes, *needle;
  size_t needle_count;
  // How many bytes may still be compared in vain. Beyond that the text is a bad one, such as zeros with a needle of zeros
  // and a one, and memmem is faster.
  size_t patience;
} Search;

static bool is_match(Search *search, size_t place) {
  if (memcmp(search->bytes + place, search->needle, search->needle_count) == 0) return true;
  search->patience -= search->needle_count < search->patience ? search->needle_count : search->patience;
  return false;
}

// The first match among the 16 places from `start` on, or SIZE_MAX.
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

// For fewer places than a block has.
static const void *find_in_few(const uint8_t *bytes, size_t places, const uint8_t *needle, size_t needle_count) {
  for (size_t place = 0; place < places; place++) {
    if (bytes[place] == needle[0] && memcmp(bytes + place, needle, needle_count) == 0) return bytes + place;
  }
  return NULL;
}

const void *cmemory_find(const void *memory, size_t count, const void *wanted, size_t needle_count) {
  const uint8_t *bytes = memory, *needle = wanted;
  if (needle_count == 0) return bytes;
  if (needle_count > count) return NULL;
  if (needle_count == 1) return memchr(bytes, needle[0], count);
  size_t places = count - needle_count + 1;
  if (places < sizeof(Vector)) return find_in_few(bytes, places, needle, needle_count);

  Search search = {bytes, needle, needle_count, 4096 + 4 * count};
  Vector first = needle[0] - (Vector){}, last = needle[needle_count - 1] - (Vector){};
  for (size_t start = 0; start < places; start += sizeof(Vector)) {
    // The last block begins earlier, so that it ends where the places do.
    size_t block = start + sizeof(Vector) <= places ? start : places - sizeof(Vector);
    size_t match = find_in_block(&search, block, first, last);
    if (match != SIZE_MAX) return bytes + match;
    if (search.patience == 0) return memmem(bytes + block, count - block, needle, needle_count);
  }
  return NULL;
}

const void *cmemory_find_last(const void *bytes, int byte, size_t count) {
  return memrchr(bytes, byte, count);
}

// In blocks whose count fits into a byte: the compiler adds up vectors of bytes.
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
