#include "layout.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// More than any test makes: the table never moves.
enum { most_nodes = 200000 };
static struct node *nodes;
static uint64_t count;

static void *checked(void *memory) {
  if (memory == NULL) {
    perror("fault-file-system");
    exit(1);
  }
  return memory;
}

struct node *node_at(uint64_t inode) { return inode == 0 || inode > count ? NULL : &nodes[inode]; }

uint64_t child_named(uint64_t directory, const char *name) {
  for (uint64_t inode = nodes[directory].first_child; inode != 0; inode = nodes[inode].next) {
    if (strcmp(nodes[inode].name, name) == 0) return inode;
  }
  return 0;
}

const char *behaviour(const struct node *node, const char *key) {
  size_t length = strlen(key);
  for (const char *next = node->behaviours; next != NULL; next = strchr(next, ',')) {
    if (*next == ',') next++;
    if (strncmp(next, key, length) != 0) continue;
    if (next[length] == '=') return next + length + 1;
    if (next[length] == ',' || next[length] == '\0') return next + length;
  }
  return NULL;
}

static uint64_t add(uint64_t directory, const char *name, bool is_directory) {
  if (count + 1 == most_nodes) {
    fputs("fault-file-system: too many files\n", stderr);
    exit(1);
  }
  uint64_t inode = ++count;
  unsigned char sum = 0;
  for (const char *byte = name; *byte != '\0'; byte++) sum += (unsigned char)*byte;
  nodes[inode] = (struct node){
      .name = checked(strdup(name)), .parent = directory, .is_directory = is_directory, .name_sum = sum};
  if (directory == 0) return inode;
  struct node *parent = &nodes[directory];
  if (parent->last_child != 0) nodes[parent->last_child].next = inode;
  if (parent->first_child == 0) parent->first_child = inode;
  parent->last_child = inode;
  return inode;
}

static void add_path(char *path, uint64_t size, const char *behaviours) {
  bool is_directory = path[strlen(path) - 1] == '/';
  uint64_t inode = root_inode;
  char *rest = NULL;
  for (char *name = strtok_r(path, "/", &rest); name != NULL;) {
    char *following = strtok_r(NULL, "/", &rest);
    uint64_t known = child_named(inode, name);
    inode = known != 0 ? known : add(inode, name, following != NULL || is_directory);
    name = following;
  }
  nodes[inode].size = size;
  nodes[inode].behaviours = checked(strdup(behaviours));
}

void read_layout(const char *path) {
  nodes = checked(calloc(most_nodes, sizeof *nodes));
  add(0, "", true);
  // In no directory's list.
  add(0, ".statistics", false);
  nodes[statistics_inode].behaviours = "fdirect";
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  char name[4097], behaviours[4097], line[9000];
  while (fgets(line, sizeof line, file) != NULL) {
    unsigned long size = 0;
    strcpy(behaviours, "ok");
    if (sscanf(line, "%4096s %lu %4096s", name, &size, behaviours) >= 1) add_path(name, size, behaviours);
  }
  fclose(file);
}
