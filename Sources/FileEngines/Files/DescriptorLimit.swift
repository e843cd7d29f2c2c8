import Glibc

/// The process's limit on open descriptors, getrlimit(2), as it is when first asked.
enum DescriptorLimit {
  static let soft: Int = {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return Int(clamping: limit.rlim_cur)
  }()

  /// What is open beside files and directories: the standard streams, rings and their eventfds, and the two descriptors of a
  /// directory that is being reached. A guess, for two loops.
  private static let others = 12

  /// How many files may be open at once: half of the limit leaves room for directories and for the rest of the program.
  static let files = max(1, min(soft / 2, soft - soft / 4 - others))
}
