// refuse-io-uring REFUSAL command…: runs the command where io_uring is refused, as container engines (EPERM) and
// kernels without it (ENOSYS) refuse it. The filter is inherited by every child and cannot be taken off.
//
// A refusal is ERRNO[@CALL[:FIRST[+STEP]]]. The call is setup, enter or register; without one all three are refused.
// With a number the call is refused from the FIRST time on (of all threads together), and then at every STEP-th;
// without a step, for ever:  EPERM   EPERM@enter   ENOMEM@enter:3+5   EBADR@enter:9
//
// seccomp(2), seccomp_unotify(2), and Documentation/userspace-api/seccomp_filter.rst of the kernel.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// io_uring came after system calls got the same number everywhere, but what else a number means differs by
// architecture.
#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "add the architecture's name in <linux/audit.h>"
#endif

enum {
  io_uring_setup_number = 425,
  io_uring_enter_number = 426,
  io_uring_register_number = 427,
  // Set in the calls of programs for x32, which otherwise have the numbers of x86-64.
  x32_bit = 0x40000000,
  // What env(1) answers if it cannot run the command.
  cannot_run = 126,
  usage = 64,
};

struct refusal {
  int error;
  // The system calls, which follow one another.
  unsigned first_call, last_call;
  // The first time that is refused, from 1 on; 0 if no call is counted. Then every so many; 0 is all.
  unsigned long first, step;
};

static const struct {
  const char *name;
  int error;
} errors[] = {
    {"EPERM", EPERM},   {"ENOSYS", ENOSYS}, {"EACCES", EACCES}, {"EINVAL", EINVAL}, {"ENOMEM", ENOMEM},
    {"EAGAIN", EAGAIN}, {"EBUSY", EBUSY},   {"EINTR", EINTR},   {"EBADR", EBADR},
};

static bool parse(char *text, struct refusal *refusal) {
  char *call = strchr(text, '@'), *count = call ? strchr(call, ':') : NULL;
  *refusal = (struct refusal){.first_call = io_uring_setup_number, .last_call = io_uring_register_number};
  if (call) *call++ = 0;
  if (count) *count++ = 0;
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
    if (strcmp(text, errors[i].name) == 0) refusal->error = errors[i].error;
  }
  if (call) {
    unsigned number = strcmp(call, "setup") == 0      ? io_uring_setup_number
                      : strcmp(call, "enter") == 0    ? io_uring_enter_number
                      : strcmp(call, "register") == 0 ? io_uring_register_number
                                                      : 0;
    if (!number) return false;
    refusal->first_call = refusal->last_call = number;
  }
  if (count) {
    char *end;
    refusal->first = strtoul(count, &end, 10);
    if (*end == '+') refusal->step = strtoul(end + 1, &end, 10);
    if (*end || refusal->first == 0) return false;
  }
  return refusal->error != 0;
}

// Installs the filter in this process. Answers the descriptor of the listener if calls are counted.
static int install(const struct refusal *refusal) {
  unsigned answer = refusal->first ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ERRNO | (unsigned)refusal->error;
  struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~(unsigned)x32_bit),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, refusal->first_call, 0, 2),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, refusal->last_call, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, answer),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
  // An unprivileged process may install a filter only if it can gain no privileges later (seccomp(2)).
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  unsigned flags = refusal->first ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
}

static int run(char **command) {
  execvp(command[0], command);
  perror(command[0]);
  return cannot_run;
}

// MARK: Counting

// Sends or receives the listener's descriptor.
static int pass(int socket, int listener) {
  char byte = 0;
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control = {0};
  struct iovec vector = {&byte, 1};
  struct msghdr message = {
      .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  if (listener < 0) {
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&message)) return -1;
    memcpy(&listener, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof listener);
    return listener;
  }
  control.header =
      (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(&control.header), &listener, sizeof listener);
  return sendmsg(socket, &message, 0) == 1 ? 0 : -1;
}

// Answers the calls until no process is left that makes them.
static void answer_calls(int listener, const struct refusal *refusal) {
  unsigned long count = 0;
  struct pollfd waiting = {.fd = listener, .events = POLLIN};
  while (poll(&waiting, 1, -1) >= 0 && !(waiting.revents & POLLHUP)) {
    struct seccomp_notif call = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) continue;
    count++;
    bool refuse = count >= refusal->first && (refusal->step == 0 || (count - refusal->first) % refusal->step == 0);
    struct seccomp_notif_resp answer = {.id = call.id};
    if (refuse) {
      answer.error = -refusal->error;
    } else {
      answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    }
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
}

// Runs the command in a child, whose calls this process answers, and ends as that does.
static int run_counting(char **command, const struct refusal *refusal) {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) return cannot_run;
  pid_t child = fork();
  if (child < 0) return cannot_run;
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int listener = install(refusal);
    if (listener < 0 || pass(sockets[1], listener) != 0) {
      perror("refuse-io-uring: seccomp");
      _exit(cannot_run);
    }
    close(listener);
    _exit(run(command));
  }
  close(sockets[1]);
  int listener = pass(sockets[0], -1);
  if (listener >= 0) answer_calls(listener, refusal);
  int status;
  if (waitpid(child, &status, 0) != child) return cannot_run;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int count, char **arguments) {
  struct refusal refusal;
  if (count < 3 || !parse(arguments[1], &refusal)) {
    fputs("usage: refuse-io-uring ERRNO[@CALL[:FIRST[+STEP]]] command [argument…]\n", stderr);
    return usage;
  }
  if (refusal.first) return run_counting(arguments + 2, &refusal);
  if (install(&refusal) < 0) {
    perror("refuse-io-uring: seccomp");
    return cannot_run;
  }
  return run(arguments + 2);
}
