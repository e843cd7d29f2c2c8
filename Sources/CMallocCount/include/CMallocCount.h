// Counts heap allocations, for benchmarks that gate them: in a program that links this, malloc and its sisters are
// replaced for the whole process.
#ifndef CMALLOC_COUNT_H
#define CMALLOC_COUNT_H

/// How often the present thread has allocated since it began; -1 where nothing is counted, because a sanitizer has
/// malloc or the C library is not glibc.
long malloc_count(void);

/// How often all threads have, those that have ended included; -1 where nothing is counted.
long malloc_total(void);

#endif
