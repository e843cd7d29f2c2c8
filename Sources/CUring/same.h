// For the .c files: the public headers write the kernel's numbers out, and this compares them with the system's.
#ifndef CURING_SAME_H
#define CURING_SAME_H

#define SAME(ours, theirs) _Static_assert((unsigned)(ours) == (unsigned)(theirs), #ours " is not " #theirs)

#endif
