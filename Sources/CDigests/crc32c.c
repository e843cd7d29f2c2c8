#include "CDigests.h"

#include <string.h>

// Both instruction sets compute exactly CRC-32C, eight bytes per instruction. One dependency chain (three cycles per
// step) is already faster than files are read from memory; three interleaved chains would need tables to combine them.

#if defined(__x86_64__)
#include <nmmintrin.h>
#define HAS_INSTRUCTIONS 1

static bool processor_has_crc32c(void) { return __builtin_cpu_supports("sse4.2"); }

__attribute__((target("sse4.2")))
static uint32_t by_instructions(uint32_t crc, const unsigned char *bytes, size_t count) {
  uint64_t state = ~crc;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    state = _mm_crc32_u64(state, word);
  }
  uint32_t rest = (uint32_t)state;
  for (; count > 0; bytes += 1, count -= 1) rest = _mm_crc32_u8(rest, *bytes);
  return ~rest;
}

#elif defined(__aarch64__) && defined(__linux__) && defined(__AARCH64EL__)
#include <sys/auxv.h>
#define HAS_INSTRUCTIONS 1

// <asm/hwcap.h>; optional in ARMv8.0, always present from ARMv8.1.
#define CAPABILITY_CRC32 (1ul << 7)

static bool processor_has_crc32c(void) { return (getauxval(AT_HWCAP) & CAPABILITY_CRC32) != 0; }

__attribute__((target("crc")))
static uint32_t by_instructions(uint32_t crc, const unsigned char *bytes, size_t count) {
  uint32_t state = ~crc;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    state = __builtin_arm_crc32cd(state, word);
  }
  for (; count > 0; bytes += 1, count -= 1) state = __builtin_arm_crc32cb(state, *bytes);
  return ~state;
}

#else
#define HAS_INSTRUCTIONS 0
#endif

#if HAS_INSTRUCTIONS

bool cdigests_crc32c_is_accelerated(void) { return processor_has_crc32c(); }

uint32_t cdigests_crc32c(uint32_t crc, const void *bytes, size_t count) {
  if (processor_has_crc32c()) return by_instructions(crc, bytes, count);
  return cdigests_crc32c_portable(crc, bytes, count);
}

#else

bool cdigests_crc32c_is_accelerated(void) { return false; }

uint32_t cdigests_crc32c(uint32_t crc, const void *bytes, size_t count) {
  return cdigests_crc32c_portable(crc, bytes, count);
}

#endif
