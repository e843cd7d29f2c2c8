#define _GNU_SOURCE
#include "CSystemCallCount.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

// What the child exits with if it cannot be traced, or become the program: as a shell does.
enum { CANNOT_BE_TRACED = 126, CANNOT_BE_RUN = 127 };

static const long OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                            PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

// What is to be delivered to a thread that has stopped; adds to the count if it stopped at the beginning of a call.
static int signal_after_stop(pid_t thread, int status, long *count) {
  int signal = WSTOPSIG(status);
  if (signal == (SIGTRAP | 0x80)) {
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY)
      ++*count;
    return 0;
  }
  // An event of those asked for, or the stop that a new thread begins with.
  return status >> 16 || signal == SIGSTOP ? 0 : signal;
}

long count_system_calls(char *const arguments[], int output, int *status) {
  pid_t child = fork();
  if (child < 0) return -errno;
  if (child == 0) {
    // Only what may be called between fork and exec in a process of many threads.
    if (dup2(output, STDOUT_FILENO) < 0 || ptrace(PTRACE_TRACEME, 0, 0, 0) < 0) _exit(CANNOT_BE_TRACED);
    execv(arguments[0], arguments);
    _exit(CANNOT_BE_RUN);
  }

  // It stops when it becomes the program.
  while (waitpid(child, status, 0) < 0)
    if (errno != EINTR) return -errno;
  if (!WIFSTOPPED(*status)) return WEXITSTATUS(*status) == CANNOT_BE_RUN ? -ENOENT : -EPERM;
  if (ptrace(PTRACE_SETOPTIONS, child, 0, OPTIONS) < 0) {
    int error = errno;
    kill(child, SIGKILL);
    waitpid(child, status, 0);
    return -error;
  }

  long count = 0;
  pid_t stopped = child;
  int signal = 0;
  for (;;) {
    // Fails if the thread was killed meanwhile, of which waiting tells.
    ptrace(PTRACE_SYSCALL, stopped, 0, signal);
    int state;
    do {
      // Threads and children end with a word, too; the program itself last.
      while ((stopped = waitpid(-1, &state, __WALL)) < 0)
        if (errno != EINTR) return -errno;
      if (stopped == child && !WIFSTOPPED(state)) {
        *status = state;
        return count;
      }
    } while (!WIFSTOPPED(state));
    signal = signal_after_stop(stopped, state, &count);
  }
}
