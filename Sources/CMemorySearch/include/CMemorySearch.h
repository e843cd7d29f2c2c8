// Searches of memory that are faster than memmem(3), or that Swift's Glibc module leaves out.
#ifndef CMEMORY_SEARCH_H
#define CMEMORY_SEARCH_H

#include <stddef.h>

/// The first place in `bytes` where `needle` begins, or NULL: as memmem(3), and linear in `count` as that is.
const void *cmemory_find(const void *bytes, size_t count, const void *needle, size_t needle_count);

/// memrchr(3): the last place in `bytes` of this byte, or NULL.
const void *cmemory_find_last(const void *bytes, int byte, size_t count);

/// How often this byte occurs in `bytes`.
size_t cmemory_count(const void *bytes, int byte, size_t count);

#endif
