// The made-up files: a tree read from a text, and what each is to do wrong.
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

struct node {
  const char *name;
  // Inode numbers are places in the table; 0 is none.
  uint64_t parent, first_child, last_child, next;
  bool is_directory;
  uint64_t size;
  // The behaviours as the layout gives them, separated by commas.
  const char *behaviours;
  // Reads that have been answered EINTR.
  long interrupted_reads;
  // The sum of the bytes of the name: makes the contents of files differ.
  unsigned char name_sum;
};

enum { root_inode = 1, statistics_inode = 2 };

// Reads a layout: one file or directory a line, `PATH SIZE BEHAVIOUR[,BEHAVIOUR…]`; a directory's path ends in a slash.
// The last two may be left out. Ends the process if it cannot.
void read_layout(const char *path);

// Nil if there is no such inode.
struct node *node_at(uint64_t inode);
uint64_t child_named(uint64_t directory, const char *name);

// What follows `key=` among the behaviours, "" if the key stands alone, NULL if it is not there.
const char *behaviour(const struct node *node, const char *key);

#endif
