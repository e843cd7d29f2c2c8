import ArgumentParser

/// What `compare` does with the files.
enum CompareJob: String, CaseIterable, ExpressibleByArgument {
  case read, hash, count
  /// What `millrace copy` does.
  case copy
  /// Each file with its letters in upper case, under its name in another tree.
  case transform

  /// Whether it writes a tree.
  var writes: Bool { self == .copy || self == .transform }
}
