// What the parts of the server share.
#ifndef SERVER_H
#define SERVER_H

#include <linux/fuse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

// A request as the kernel writes it: the header and what belongs to its opcode.
struct request {
  struct fuse_in_header header;
  char body[];
};

struct options {
  // Requests that hang are not given up when the kernel asks, as a daemon that knows nothing of FUSE_INTERRUPT.
  bool ignores_interrupts;
  // Pages are dropped with every open.
  bool drops_cache;
  // Listing a directory looks its names up.
  bool lists_attributes;
  // Listing a directory does not say what its names are.
  bool hides_types;
  // For so many seconds the kernel believes what it has been told of names and attributes.
  double validity;
  // statfs(2): 0, seconds, or `forever`.
  double statfs_wait;
};

struct statistics {
  unsigned long lookups, getattrs, opens, reads, flushes, releases, statfs, interrupted;
  // Requests that are not answered yet; and the most at a time.
  unsigned long waiting, most_waiting;
};

extern struct options options;
extern struct statistics statistics;

// How long a request is to wait before it is answered: 0, seconds, or `forever`.
static const double forever = 1e18;
double wait_of(const struct request *request);
// Answers a request that has waited for its time.
void answer(const struct request *request);

// To the kernel: an errno, or data.
void reply_error(uint64_t unique, int error);
void reply(uint64_t unique, const void *data, size_t size);

#endif
