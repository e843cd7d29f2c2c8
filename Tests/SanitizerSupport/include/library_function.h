#pragma once

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

/// The function of a shared library that the program has one of the same name before. Ends the program if there is
/// none: then the library has changed, and what stands before it would do nothing.
static inline void *library_function(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (function) return function;
  fprintf(stderr, "SanitizerSupport: Swift's libraries have no %s any more\n", name);
  abort();
}
