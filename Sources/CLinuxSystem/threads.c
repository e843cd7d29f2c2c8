// The name of a thread, and the mark of the executor whose jobs it runs.
#define _GNU_SOURCE
#include "CLinuxSystem.h"

#include <pthread.h>
#include <string.h>

void linux_name_thread(const char *name) {
  char kept[16] = {0};
  strncpy(kept, name, sizeof kept - 1);
  pthread_setname_np(pthread_self(), kept);
}

static _Thread_local void *thread_mark;

void *linux_thread_mark(void) { return thread_mark; }
void linux_mark_thread(void *mark) { thread_mark = mark; }
