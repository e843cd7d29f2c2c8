// refuse-io-uring EPERM|ENOSYS command…: runs the command where io_uring is refused with that errno, as container engines
// (EPERM) and kernels without it (ENOSYS) refuse it. The filter is inherited by every child and cannot be taken off.
//
// seccomp(2), and Documentation/userspace-api/seccomp_filter.rst of the kernel.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

// io_uring came after system calls got the same number everywhere, but what else a number means differs by architecture.
#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "add the architecture's name in <linux/audit.h>"
#endif

enum {
  io_uring_setup_number = 425,
  io_uring_register_number = 427,
  // Set in the calls of programs for x32, which otherwise have the numbers of x86-64.
  x32_bit = 0x40000000,
  // What env(1) answers if it cannot run the command.
  cannot_run = 126,
  usage = 64,
};

static int refuse(unsigned error) {
  struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~(unsigned)x32_bit),
      // setup, enter and register follow one another.
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, io_uring_setup_number, 0, 2),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, io_uring_register_number, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
  // Without the privilege to do so, filters are for those only who promise to gain none.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

int main(int count, char **arguments) {
  unsigned error = 0;
  if (count >= 3 && strcmp(arguments[1], "EPERM") == 0) error = EPERM;
  if (count >= 3 && strcmp(arguments[1], "ENOSYS") == 0) error = ENOSYS;
  if (error == 0) {
    fputs("usage: refuse-io-uring EPERM|ENOSYS command [argument…]\n", stderr);
    return usage;
  }
  if (refuse(error) != 0) {
    perror("refuse-io-uring: seccomp");
    return cannot_run;
  }
  execvp(arguments[2], arguments + 2);
  perror(arguments[2]);
  return cannot_run;
}
