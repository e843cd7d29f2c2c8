// What is answered to each request. fuse(4), and <linux/fuse.h>.
#define _GNU_SOURCE // SEEK_DATA
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server.h"

enum {
  // The largest read that is asked for: 256 pages.
  most_pages = 256,
  page_size = 4096,
  // Requests that the kernel sends on its own account (asynchronous reads, releases) before it makes others wait.
  background_requests = 512,
};

struct options options = {.validity = 1};
struct statistics statistics;

// `hang` may be NULL.
static double seconds_or_forever(const struct node *node, const char *slow, const char *hang) {
  if (hang != NULL && behaviour(node, hang) != NULL) return forever;
  const char *seconds = behaviour(node, slow);
  return seconds == NULL ? 0 : atof(seconds);
}

static struct node *subject(const struct request *request) {
  uint64_t inode = request->header.nodeid;
  if (request->header.opcode == FUSE_LOOKUP) inode = child_named(inode, request->body);
  return node_at(inode);
}

static bool reaches(const struct request *request, const char *offset) {
  const struct fuse_read_in *in = (const void *)request->body;
  return in->offset + in->size > strtoull(offset, NULL, 10);
}

// The process that the thread is of which asks, 0 if that cannot be told.
static uint64_t process_of(const struct request *request) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%u/status", request->header.pid);
  FILE *status = fopen(path, "re");
  if (status == NULL) return 0;
  unsigned process = 0;
  char line[256];
  while (process == 0 && fgets(line, sizeof line, status) != NULL) sscanf(line, "Tgid: %u", &process);
  fclose(status);
  return process;
}

// Whether it is not the opener's: what a child process has inherited it closes in its exec, and until then its parent
// stands still in posix_spawn(3).
static bool is_flush_of_another(const struct request *request) {
  return ((const struct fuse_flush_in *)request->body)->fh != process_of(request);
}

double wait_of(const struct request *request) {
  const struct node *node = subject(request);
  if (request->header.opcode == FUSE_STATFS) return options.statfs_wait;
  if (node == NULL) return 0;
  const char *offset;
  switch (request->header.opcode) {
  case FUSE_LOOKUP: return seconds_or_forever(node, "lookupslow", "lookuphang");
  case FUSE_GETATTR: return seconds_or_forever(node, "statslow", "stathang");
  case FUSE_OPEN: return seconds_or_forever(node, "openslow", "openhang");
  case FUSE_READ:
    offset = behaviour(node, "readhang");
    if (offset != NULL && reaches(request, offset)) return forever;
    return seconds_or_forever(node, "readslow", NULL);
  case FUSE_WRITE: return seconds_or_forever(node, "writeslow", "writehang");
  case FUSE_FLUSH: return is_flush_of_another(request) ? 0 : seconds_or_forever(node, "flushslow", "flushhang");
  case FUSE_RELEASE: return seconds_or_forever(node, "relslow", NULL);
  case FUSE_OPENDIR: return seconds_or_forever(node, "listslow", "listhang");
  default: return 0;
  }
}

// The errno that a behaviour gives, 0 if none does: `key=ERRNO`, or `key=ERRNO@OFFSET` for what comes after an offset.
static int error_of(const struct node *node, const char *key, uint64_t end) {
  const char *value = behaviour(node, key);
  if (value == NULL) return 0;
  const char *offset = strchr(value, '@');
  const char *comma = strchr(value, ',');
  if (offset == NULL || (comma != NULL && offset > comma)) return atoi(value);
  return end > strtoull(offset + 1, NULL, 10) ? atoi(value) : 0;
}

// MARK: Names and attributes

static uint64_t whole_seconds(void) { return (uint64_t)options.validity; }
static uint32_t nanoseconds(void) { return (uint32_t)((options.validity - (double)whole_seconds()) * 1e9); }

static struct fuse_attr attributes(uint64_t inode) {
  const struct node *node = node_at(inode);
  const char *lie = behaviour(node, "sizelie");
  return (struct fuse_attr){
      .ino = inode,
      .size = lie == NULL ? node->size : strtoull(lie, NULL, 10),
      .mode = node->is_directory ? S_IFDIR | 0755 : S_IFREG | 0644,
      .nlink = 1,
      .blksize = page_size,
  };
}

static struct fuse_entry_out entry(uint64_t inode) {
  return (struct fuse_entry_out){
      .nodeid = inode,
      .entry_valid = whole_seconds(),
      .entry_valid_nsec = nanoseconds(),
      .attr_valid = whole_seconds(),
      .attr_valid_nsec = nanoseconds(),
      .attr = attributes(inode),
  };
}

static void answer_lookup(const struct request *request) {
  statistics.lookups++;
  uint64_t inode = child_named(request->header.nodeid, request->body);
  if (inode == 0 && request->header.nodeid == root_inode && strcmp(request->body, ".statistics") == 0) {
    inode = statistics_inode;
  }
  int error = inode == 0 ? ENOENT : error_of(node_at(inode), "lookuperr", 0);
  if (error != 0) return reply_error(request->header.unique, error);
  struct fuse_entry_out out = entry(inode);
  reply(request->header.unique, &out, sizeof out);
}

static void answer_getattr(const struct request *request) {
  statistics.getattrs++;
  struct fuse_attr_out out = {
      .attr_valid = whole_seconds(),
      .attr_valid_nsec = nanoseconds(),
      .attr = attributes(request->header.nodeid),
  };
  reply(request->header.unique, &out, sizeof out);
}

// MARK: Files

static void answer_open(const struct request *request, const struct node *node) {
  statistics.opens++;
  int error = error_of(node, "openerr", 0);
  if (error != 0) return reply_error(request->header.unique, error);
  struct fuse_open_out out = {
      .fh = process_of(request),
      .open_flags = (options.drops_cache ? 0 : FOPEN_KEEP_CACHE) | (behaviour(node, "fdirect") ? FOPEN_DIRECT_IO : 0),
  };
  reply(request->header.unique, &out, sizeof out);
}

static void reply_statistics(const struct request *request, uint64_t offset) {
  char text[512];
  int length = snprintf(
      text, sizeof text,
      "lookups %lu\ngetattrs %lu\nopens %lu\nreads %lu\nflushes %lu\nreleases %lu\nstatfs %lu\ninterrupted %lu\n"
      "waiting %lu\nmostWaiting %lu\n",
      statistics.lookups, statistics.getattrs, statistics.opens, statistics.reads, statistics.flushes,
      statistics.releases, statistics.statfs, statistics.interrupted, statistics.waiting, statistics.most_waiting);
  size_t start = offset < (uint64_t)length ? offset : (size_t)length;
  reply(request->header.unique, text + start, (size_t)length - start);
}

static void answer_read(const struct request *request, struct node *node) {
  const struct fuse_read_in *in = (const void *)request->body;
  if (request->header.nodeid == statistics_inode) return reply_statistics(request, in->offset);
  statistics.reads++;
  int error = error_of(node, "readerr", in->offset + in->size);
  const char *interrupted = behaviour(node, "eintr");
  if (interrupted != NULL && node->interrupted_reads < atol(interrupted)) {
    node->interrupted_reads++;
    error = EINTR;
  }
  if (error != 0) return reply_error(request->header.unique, error);
  size_t size = in->size;
  const char *most = behaviour(node, "short");
  if (most != NULL && size > strtoul(most, NULL, 10)) size = strtoul(most, NULL, 10);
  uint64_t left = node->size > in->offset ? node->size - in->offset : 0;
  if (size > left) size = left;
  static unsigned char bytes[most_pages * page_size];
  if (size > sizeof bytes) size = sizeof bytes;
  for (size_t index = 0; index < size; index++) {
    uint64_t position = in->offset + index;
    bytes[index] = (unsigned char)(position * 31 + (position >> 12) + node->name_sum);
  }
  reply(request->header.unique, bytes, size);
}

// Where lseek(2) says that the next data are and end, whatever the offset: `data=OFFSET`, `hole=OFFSET`.
static void answer_seek(const struct request *request, const struct node *node) {
  const struct fuse_lseek_in *in = (const void *)request->body;
  const char *place = behaviour(node, in->whence == SEEK_DATA ? "data" : "hole");
  if (place == NULL) return reply_error(request->header.unique, ENOSYS);
  struct fuse_lseek_out out = {.offset = strtoull(place, NULL, 10)};
  reply(request->header.unique, &out, sizeof out);
}

static void answer_write(const struct request *request, const struct node *node) {
  const struct fuse_write_in *in = (const void *)request->body;
  int error = error_of(node, "writeerr", in->offset + in->size);
  if (error != 0) return reply_error(request->header.unique, error);
  struct fuse_write_out out = {.size = in->size};
  reply(request->header.unique, &out, sizeof out);
}

// MARK: Directories

static void answer_opendir(const struct request *request, const struct node *node) {
  int error = node->is_directory ? error_of(node, "openerr", 0) : ENOTDIR;
  if (error != 0) return reply_error(request->header.unique, error);
  struct fuse_open_out out = {0};
  reply(request->header.unique, &out, sizeof out);
}

// Appends a record to the text if there is room, and answers the text's new length.
static size_t append_record(
    char *text, size_t length, size_t room, uint64_t inode, uint64_t following, bool has_attributes) {
  const struct node *node = node_at(inode);
  struct fuse_dirent record = {
      .ino = inode,
      .off = following,
      .namelen = (uint32_t)strlen(node->name),
      .type = options.hides_types ? 0 : (node->is_directory ? S_IFDIR : S_IFREG) >> 12,
  };
  size_t before = has_attributes ? sizeof(struct fuse_entry_out) : 0;
  size_t size = FUSE_DIRENT_ALIGN(before + FUSE_NAME_OFFSET + record.namelen);
  if (length + size > room) return length;
  char *place = text + length;
  memset(place, 0, size);
  if (has_attributes) {
    struct fuse_entry_out out = entry(inode);
    memcpy(place, &out, sizeof out);
  }
  memcpy(place + before, &record, FUSE_NAME_OFFSET);
  memcpy(place + before + FUSE_NAME_OFFSET, node->name, record.namelen);
  return length + size;
}

// The offset in a directory is the number of the entry.
static void answer_readdir(const struct request *request, const struct node *node) {
  const struct fuse_read_in *in = (const void *)request->body;
  int error = error_of(node, "listerr", in->offset + 1);
  if (error != 0) return reply_error(request->header.unique, error);
  static char text[most_pages * page_size];
  size_t room = in->size < sizeof text ? in->size : sizeof text;
  size_t length = 0;
  uint64_t number = 0;
  for (uint64_t inode = node->first_child; inode != 0; inode = node_at(inode)->next) {
    if (number++ < in->offset) continue;
    size_t longer =
        append_record(text, length, room, inode, number, request->header.opcode == FUSE_READDIRPLUS);
    if (longer == length) break;
    length = longer;
  }
  reply(request->header.unique, text, length);
}

// MARK: The file system

static void answer_init(const struct request *request) {
  const struct fuse_init_in *in = (const void *)request->body;
  uint32_t wanted = FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_PARALLEL_DIROPS | FUSE_MAX_PAGES;
  if (options.lists_attributes) wanted |= FUSE_DO_READDIRPLUS;
  struct fuse_init_out out = {
      .major = FUSE_KERNEL_VERSION,
      .minor = FUSE_KERNEL_MINOR_VERSION,
      .max_readahead = in->max_readahead,
      .flags = in->flags & wanted,
      .max_background = background_requests,
      .congestion_threshold = background_requests,
      .max_write = page_size,
      .time_gran = 1,
      .max_pages = most_pages,
  };
  reply(request->header.unique, &out, sizeof out);
  puts("mounted");
  fflush(stdout);
}

static void answer_statfs(const struct request *request) {
  statistics.statfs++;
  struct fuse_statfs_out out = {.st = {.bsize = page_size, .frsize = page_size, .namelen = 255}};
  reply(request->header.unique, &out, sizeof out);
}

void answer(const struct request *request) {
  uint64_t unique = request->header.unique;
  if (request->header.opcode == FUSE_INIT) return answer_init(request);
  struct node *node = node_at(request->header.nodeid);
  if (node == NULL) return reply_error(unique, ENOENT);
  switch (request->header.opcode) {
  case FUSE_LOOKUP: return answer_lookup(request);
  case FUSE_GETATTR: return answer_getattr(request);
  case FUSE_STATFS: return answer_statfs(request);
  case FUSE_OPEN: return answer_open(request, node);
  case FUSE_READ: return answer_read(request, node);
  case FUSE_LSEEK: return answer_seek(request, node);
  case FUSE_WRITE: return answer_write(request, node);
  case FUSE_FLUSH: statistics.flushes++; return reply_error(unique, error_of(node, "flusherr", 0));
  case FUSE_RELEASE: statistics.releases++; return reply_error(unique, 0);
  case FUSE_OPENDIR: return answer_opendir(request, node);
  case FUSE_READDIR:
  case FUSE_READDIRPLUS: return answer_readdir(request, node);
  case FUSE_RELEASEDIR: return reply_error(unique, 0);
  case FUSE_SETATTR: return reply_error(unique, EROFS);
  default: return reply_error(unique, ENOSYS);
  }
}
