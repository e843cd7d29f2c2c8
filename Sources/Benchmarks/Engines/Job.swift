import ArgumentParser

/// What is done with the bytes of every file.
enum Job: String, CaseIterable, ExpressibleByArgument {
  /// Nothing: what is left is the reading.
  case read
  /// SHA-256, by the same code for all who are compared.
  case hash
}

/// Whether the kernel has the files in its memory before a run.
enum CacheState: String, CaseIterable {
  case warm, cold
}

/// Who does the job in a process of its own: an engine of this package, or a plain loop.
enum Reader: String, CaseIterable, ExpressibleByArgument {
  case uring, threads, blocking
  /// One thread, open(2), pread(2) and close(2), one file after another: what one writes by hand.
  case pread
}
