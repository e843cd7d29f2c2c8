#include "CMallocCount.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

#if defined(SANITIZED) || !defined(__GLIBC__)
long malloc_count(void) { return -1; }
long malloc_total(void) { return -1; }
#else

// glibc's own names for what it replaces when a program defines the standard ones.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static _Thread_local long count;

// Of all threads. Each adds to one of a few sums, so that they hardly meet.
enum { SUMS = 64 };
static struct {
  _Alignas(64) _Atomic long count;
} sums[SUMS];

// From 1; 0 until the thread has one.
static _Thread_local unsigned sum;

static void add(void) {
  static _Atomic unsigned threads;
  if (!sum) sum = 1 + atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed) % SUMS;
  count++;
  atomic_fetch_add_explicit(&sums[sum - 1].count, 1, memory_order_relaxed);
}

long malloc_count(void) { return count; }

long malloc_total(void) {
  long total = 0;
  for (int i = 0; i < SUMS; i++) total += atomic_load_explicit(&sums[i].count, memory_order_relaxed);
  return total;
}

void *malloc(size_t size) {
  add();
  return __libc_malloc(size);
}

void *calloc(size_t members, size_t size) {
  add();
  return __libc_calloc(members, size);
}

void *realloc(void *old, size_t size) {
  add();
  return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  add();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **made, size_t alignment, size_t size) {
  add();
  *made = __libc_memalign(alignment, size);
  return *made ? 0 : ENOMEM;
}

#endif
