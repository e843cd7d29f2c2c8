import Glibc
import Synchronization

/// How many directories may be held open for the sake of the files in them. When they are used up files are opened by their
/// whole path, which is slower and no less right.
enum DirectoryDescriptors {
  /// A quarter of the process's descriptors, and no more than a window of files can refer to.
  static let limit = min(4096, DescriptorLimit.soft / 4)

  private static let held = Atomic<Int>(0)

  /// Takes the right to hold one descriptor more. ``DirectoryReference`` gives it back.
  static func claim() -> Bool {
    if held.add(1, ordering: .relaxed).newValue <= limit { return true }
    release()
    return false
  }

  static func release() {
    held.subtract(1, ordering: .relaxed)
  }
}

/// The process's limit on open descriptors, getrlimit(2), as it is when first asked.
enum DescriptorLimit {
  static let soft: Int = {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return Int(clamping: limit.rlim_cur)
  }()

  /// How many files may be open at once: half of the limit leaves room for directories and for the rest of the program.
  static let files = max(1, soft / 2)
}
