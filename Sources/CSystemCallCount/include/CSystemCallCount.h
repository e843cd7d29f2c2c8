// Counts what a program asks of the kernel.
#ifndef CSYSTEM_CALL_COUNT_H
#define CSYSTEM_CALL_COUNT_H

/// Runs a program and counts the system calls of all its threads and children, by ptrace(2), which makes it slow.
///
/// The caller must have no other children, and must not start any meanwhile.
///
/// @param arguments the program's path and its arguments, ended by a null pointer.
/// @param output a descriptor to be its standard output.
/// @param status gets what wait(2) says of its end.
/// @return the number of calls; or a negated errno, such as -EPERM where ptrace is refused.
long count_system_calls(char *const arguments[], int output, int *status);

#endif
