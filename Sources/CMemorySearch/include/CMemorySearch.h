// Memory searches that are faster than memmem(3), or that Swift's Glibc module lacks.
#ifndef CMEMORY_SEARCH_H
#define CMEMORY_SEARCH_H

#include <stddef.h>

/// The first occurrence of `needle` in `bytes`, or NULL: like memmem(3), in time linear in `count`.
const void *cmemory_find(const void *bytes, size_t count, const void *needle, size_t needle_count);

/// memrchr(3): the last occurrence of a byte, or NULL.
const void *cmemory_find_last(const void *bytes, int byte, size_t count);

/// The number of occurrences of a byte.
size_t cmemory_count(const void *bytes, int byte, size_t count);

#endif
