// Shows ThreadSanitizer that what was done before a continuation was resumed is done when its task goes on.
//
// Swift's runtime, which is not instrumented, tells ThreadSanitizer of that order at the task's address: "release"
// where a continuation is resumed, "acquire" where an executor takes up the task. But a task whose continuation is
// resumed before it has got as far as suspending goes on at once, without an executor, and there the runtime says
// nothing. Then the result that was left for the task, and the continuation's memory, which the task uses again, look
// raced for.
//
// A test program that defines the function itself is called in the library's stead. It has such a task go on by a
// detour that says "acquire". So no race is hidden: the order is that of the runtime's own atomic operations. In a
// build without ThreadSanitizer this file is empty.
#if defined(__has_feature) && defined(__linux__)
#if __has_feature(thread_sanitizer)

#include "library_function.h"

#include <sanitizer/tsan_interface.h>
#include <stdint.h>

#define ASYNC __attribute__((swiftasynccall))
// Where a task's stack ends and another's begins: nothing for ThreadSanitizer to keep account of.
#define UNSEEN __attribute__((disable_sanitizer_instrumentation))

struct continuation;
typedef ASYNC void resume_function(__attribute__((swift_async_context)) struct continuation *continuation);
typedef ASYNC void await_function(struct continuation *continuation);

// The beginnings of ContinuationAsyncContext and AsyncTask (swift/ABI/Task.h). Compiled programs look into both, which
// therefore stay as they are.
struct continuation {
  struct continuation *parent;
  resume_function *resume;
  uintptr_t flags;
};

struct task {
  void *job[7];
  resume_function *resume;
};

// The only flag that a continuation has which goes on where it is.
enum { can_throw = 1 };

#define AWAIT "swift_continuation_await"

await_function continuation_await __asm__(AWAIT);
__attribute__((swiftcall)) struct task *swift_task_getCurrent(void);

static await_function *library_await;

__attribute__((constructor)) static void find_library_function(void) {
  library_await = (await_function *)library_function(AWAIT);
}

UNSEEN ASYNC static void go_on(__attribute__((swift_async_context)) struct continuation *continuation) {
  struct task *task = swift_task_getCurrent();
  __tsan_acquire(task);
  __attribute__((musttail)) return task->resume(continuation);
}

// The library goes on by what the continuation says, but has an executor go on by what the task says. Both were written
// down when the continuation was made, and are the same.
UNSEEN ASYNC void continuation_await(struct continuation *continuation) {
  if ((continuation->flags & ~(uintptr_t)can_throw) == 0) continuation->resume = go_on;
  __attribute__((musttail)) return library_await(continuation);
}

#endif
#endif
