import ArgumentParser

/// What a pass does with every file.
enum Job: String, CaseIterable, ExpressibleByArgument {
  /// Nothing: what is left is the reading.
  case read
  /// SHA-256, by the same code with every reader.
  case hash
  /// A copy of the trees, as `millrace copy` makes it, in a directory that is not there yet: the last of the paths. A
  /// plain loop does not copy.
  case copy

  /// The jobs that every reader can do.
  static let reading = [read, hash]
}

/// Whether the kernel has the files in its memory before a run.
enum CacheState: String, CaseIterable {
  case warm, cold
}

/// What does the job, in a process of its own: an engine of this package, or a plain loop.
enum Reader: String, CaseIterable, ExpressibleByArgument {
  case uring, threads, blocking
  /// One thread, open(2), pread(2) and close(2), one file after another: what one writes by hand.
  case pread
}
