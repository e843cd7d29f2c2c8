// Shows ThreadSanitizer the locks of Swift's Mutex.
//
// On Linux `Synchronization.Mutex` is a futex word with priority inheritance. Without contention it is taken
// and released by atomic operations that are inlined into the caller: ThreadSanitizer sees them. With contention that
// is done by the two functions below, in a library that is not instrumented, or by the kernel (futex(2), FUTEX_LOCK_PI
// and FUTEX_UNLOCK_PI). It sees neither, and takes whatever two threads do under a contended mutex for a race.
//
// A test program that defines the functions itself is called in the library's stead: it calls the library's, and says
// what they mean at the address of the word, which is what the inlined operations are about. So no race is hidden: the
// word orders exactly what the lock orders. In a build without ThreadSanitizer this file is empty.
#if defined(__has_feature) && defined(__linux__)
#if __has_feature(thread_sanitizer)

#include "library_function.h"

#include <sanitizer/tsan_interface.h>
#include <stdint.h>

// Swift passes `self`, here the address of the word, in a register of its own.
#define METHOD __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

// _MutexHandle._lockSlow(UInt32) and _MutexHandle._unlockSlow(), which compiled programs call and which therefore stay.
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef METHOD void lock_function(uint32_t thread, SELF void *word);
typedef METHOD void unlock_function(SELF void *word);

lock_function lock_slow __asm__(LOCK_SLOW);
unlock_function unlock_slow __asm__(UNLOCK_SLOW);

static lock_function *library_lock_slow;
static unlock_function *library_unlock_slow;

// Before main, and so before there are threads that could contend.
__attribute__((constructor)) static void find_library_functions(void) {
  library_lock_slow = (lock_function *)library_function(LOCK_SLOW);
  library_unlock_slow = (unlock_function *)library_function(UNLOCK_SLOW);
}

METHOD void lock_slow(uint32_t thread, SELF void *word) {
  library_lock_slow(thread, word);
  __tsan_acquire(word);
}

METHOD void unlock_slow(SELF void *word) {
  __tsan_release(word);
  library_unlock_slow(word);
}

#endif
#endif
