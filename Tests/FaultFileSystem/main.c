// fault-file-system MOUNTPOINT LAYOUT [OPTION…]: mounts a FUSE file system of made-up files that are slow, hang, fail
// or lie as the layout says, and serves it until SIGTERM, or until nothing reads its standard output any more. It needs
// no library: it speaks the kernel's protocol (fuse(4), <linux/fuse.h>), and mount(2) needs root.
//
// Behaviours of files and directories, S in seconds, E an errno:
//   lookupslow=S lookuphang lookuperr=E      statslow=S stathang           openslow=S openhang openerr=E
//   readslow=S readhang[=OFFSET] readerr=E[@OFFSET] short=N (bytes a read at most) eintr=N (the first N reads)
//   writeslow=S writehang writeerr=E         relslow=S                     listslow=S listhang listerr=E[@NUMBER]
//   flushslow=S flushhang flusherr=E         (of the process that opened the file; other flushes succeed at once)
//   sizelie=N (what stat(2) says)            fdirect (FOPEN_DIRECT_IO)
// What is written is taken and forgotten. No file can be made.
// Options: nointr (what hangs is not given up when the kernel asks), nocache, plus (READDIRPLUS), notypes (directories
// do not say what is in them), timeout=S (how long names and attributes are valid), statfsslow=S, statfshang.
//
// It prints "mounted" when it is. SIGUSR1 answers EIO to everything that hangs, now and from then on. The file
// .statistics, which no directory lists, says what has been asked for. One thread serves it all: a request that waits
// is kept until its time has come, so any number may wait at once.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "server.h"

enum {
  // The kernel wants room for any request: FUSE_MIN_READ_BUFFER is 8 KiB, and max_write is a page.
  request_size = 64 * 1024,
  // More than a test has in flight. What comes beyond it is answered at once.
  most_waiting = 4096,
  usage = 64,
};

struct waiting {
  double deadline;
  struct request *request;
};

static struct waiting waiting[most_waiting];
static bool is_released;
static int device;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void reply(uint64_t unique, const void *data, size_t size) {
  struct fuse_out_header header = {.len = (uint32_t)(sizeof header + size), .unique = unique};
  struct iovec parts[] = {{&header, sizeof header}, {(void *)data, size}};
  // ENOENT: the kernel has given the request up.
  if (writev(device, parts, 2) < 0 && errno != ENOENT) perror("fault-file-system: reply");
}

void reply_error(uint64_t unique, int error) {
  struct fuse_out_header header = {.len = sizeof header, .error = -error, .unique = unique};
  if (write(device, &header, sizeof header) < 0 && errno != ENOENT) perror("fault-file-system: reply");
}

// MARK: Requests that wait

static void keep(const struct request *request, double seconds) {
  struct request *copy = malloc(request->header.len);
  if (copy == NULL || statistics.waiting == most_waiting) return reply_error(request->header.unique, EIO);
  memcpy(copy, request, request->header.len);
  waiting[statistics.waiting++] = (struct waiting){.deadline = now() + seconds, .request = copy};
  if (statistics.waiting > statistics.most_waiting) statistics.most_waiting = statistics.waiting;
}

static struct request *take(unsigned long index) {
  struct request *request = waiting[index].request;
  waiting[index] = waiting[--statistics.waiting];
  return request;
}

static void interrupt(uint64_t unique) {
  if (options.ignores_interrupts) return;
  for (unsigned long index = 0; index < statistics.waiting; index++) {
    if (waiting[index].request->header.unique != unique) continue;
    free(take(index));
    statistics.interrupted++;
    return reply_error(unique, EINTR);
  }
}

// Answers what has waited long enough.
static void answer_due(void) {
  double time = now();
  for (unsigned long index = 0; index < statistics.waiting;) {
    bool hangs = waiting[index].deadline > forever / 2;
    if (hangs ? !is_released : waiting[index].deadline > time) {
      index++;
      continue;
    }
    struct request *request = take(index);
    if (hangs) {
      reply_error(request->header.unique, EIO);
    } else {
      answer(request);
    }
    free(request);
  }
}

// Milliseconds until something is due, for poll(2).
static int time_left(void) {
  double first = forever;
  for (unsigned long index = 0; index < statistics.waiting; index++) {
    if (waiting[index].deadline < first) first = waiting[index].deadline;
  }
  if (first > forever / 2) return -1;
  double left = first - now();
  return left <= 0 ? 0 : (int)(left * 1000) + 1;
}

// MARK: Requests

static void handle(const struct request *request) {
  switch (request->header.opcode) {
  // Nothing is answered to these.
  case FUSE_FORGET:
  case FUSE_BATCH_FORGET:
  case FUSE_DESTROY: return;
  case FUSE_INTERRUPT: return interrupt(((const struct fuse_interrupt_in *)request->body)->unique);
  default: break;
  }
  double seconds = wait_of(request);
  if (seconds > 0) {
    keep(request, seconds);
  } else {
    answer(request);
  }
}

// False when the file system is no longer mounted.
static bool serve_request(void) {
  static union {
    struct request request;
    char bytes[request_size];
  } buffer;
  ssize_t count = read(device, &buffer, sizeof buffer);
  if (count >= (ssize_t)sizeof(struct fuse_in_header)) {
    handle(&buffer.request);
    return true;
  }
  // ENOENT: the request was given up in between.
  return count < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT);
}

static void serve(int signals) {
  while (true) {
    struct pollfd requests[] = {
        {.fd = device, .events = POLLIN},
        {.fd = signals, .events = POLLIN},
        // Says POLLERR when nothing reads it any more.
        {.fd = STDOUT_FILENO, .events = 0},
    };
    if (poll(requests, 3, time_left()) < 0 && errno != EINTR) return;
    if (requests[2].revents & POLLERR) return;
    if (requests[1].revents & POLLIN) {
      struct signalfd_siginfo information;
      if (read(signals, &information, sizeof information) < 0) return;
      if (information.ssi_signo != SIGUSR1) return;
      is_released = true;
    }
    if (requests[0].revents & POLLERR) return;
    if (requests[0].revents & POLLIN && !serve_request()) return;
    answer_due();
  }
}

// MARK: Mounting

static bool read_option(const char *text) {
  if (strcmp(text, "nointr") == 0) return options.ignores_interrupts = true;
  if (strcmp(text, "nocache") == 0) return options.drops_cache = true;
  if (strcmp(text, "plus") == 0) return options.lists_attributes = true;
  if (strcmp(text, "notypes") == 0) return options.hides_types = true;
  if (strncmp(text, "timeout=", 8) == 0) {
    options.validity = atof(text + 8);
    return true;
  }
  if (strcmp(text, "statfshang") == 0) {
    options.statfs_wait = forever;
    return true;
  }
  if (strncmp(text, "statfsslow=", 11) == 0) {
    options.statfs_wait = atof(text + 11);
    return true;
  }
  return false;
}

static int mount_at(const char *place) {
  device = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (device < 0) return -1;
  char data[128];
  snprintf(
      data, sizeof data, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions", device);
  return mount("fault", place, "fuse.fault", MS_NOSUID | MS_NODEV, data);
}

int main(int count, char **arguments) {
  bool is_understood = count >= 3;
  for (int index = 3; index < count; index++) is_understood = read_option(arguments[index]) && is_understood;
  if (!is_understood) {
    fputs("usage: fault-file-system MOUNTPOINT LAYOUT [OPTION…]\n", stderr);
    return usage;
  }
  read_layout(arguments[2]);

  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  signal(SIGPIPE, SIG_IGN);
  int signals = signalfd(-1, &set, SFD_CLOEXEC);

  if (signals < 0 || mount_at(arguments[1]) != 0) {
    perror("fault-file-system: mount");
    return 1;
  }
  serve(signals);
  // Closing the last descriptor of the device fails whatever waits, ECONNABORTED; after that the mount point can be
  // taken away without asking anyone.
  close(device);
  umount2(arguments[1], MNT_DETACH);
  return 0;
}
