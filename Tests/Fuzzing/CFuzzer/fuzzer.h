// libFuzzer, as a library: https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Calls `test` with generated inputs until one crashes the process or a limit of the arguments is reached, and returns
/// the exit status. The first argument is the program's name.
int LLVMFuzzerRunDriver(int *argument_count, char ***arguments, int (*test)(const uint8_t *data, size_t size));
