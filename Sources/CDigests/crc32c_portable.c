#include "CDigests.h"

#include <pthread.h>

// "Slicing by eight": eight independent lookups process eight bytes at once. M. Kounavis, F. Berry,
// "A Systematic Approach to Building High Performance Software-based CRC Generators", ISCC 2005.

#define SLICES 8

// The polynomial 0x1EDC6F41 with its bits reversed, for a register that shifts right.
#define POLYNOMIAL 0x82F63B78u

// tables[k][b] is the register, 0 at first, after the byte b and k zero bytes.
static uint32_t tables[SLICES][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void make_tables(void) {
  for (uint32_t byte = 0; byte < 256; byte += 1) {
    uint32_t state = byte;
    for (int bit = 0; bit < 8; bit += 1) state = (state >> 1) ^ (state & 1 ? POLYNOMIAL : 0);
    tables[0][byte] = state;
  }
  for (int slice = 1; slice < SLICES; slice += 1) {
    for (int byte = 0; byte < 256; byte += 1) {
      uint32_t before = tables[slice - 1][byte];
      tables[slice][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
}

// With shifts, so that the result does not depend on the byte order; compilers turn this into one load.
static uint32_t little_endian_word(const unsigned char *bytes) {
  return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

uint32_t cdigests_crc32c_portable(uint32_t crc, const void *start, size_t count) {
  pthread_once(&tables_once, make_tables);
  const unsigned char *bytes = start;
  uint32_t state = ~crc;
  for (; count >= SLICES; bytes += SLICES, count -= SLICES) {
    uint32_t low = little_endian_word(bytes) ^ state;
    uint32_t high = little_endian_word(bytes + 4);
    state = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF] ^ tables[4][low >> 24]
      ^ tables[3][high & 0xFF] ^ tables[2][high >> 8 & 0xFF] ^ tables[1][high >> 16 & 0xFF] ^ tables[0][high >> 24];
  }
  for (; count > 0; bytes += 1, count -= 1) state = (state >> 8) ^ tables[0][(state ^ *bytes) & 0xFF];
  return ~state;
}
