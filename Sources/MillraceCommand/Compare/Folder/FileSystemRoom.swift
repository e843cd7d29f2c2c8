import FilePipeline
import Glibc

/// The free space of a file system.
struct FileSystemRoom: Sendable, Equatable {
  /// Available to this process, in bytes.
  let bytes: Int64
  /// Free inodes; nil if the file system does not limit their number.
  let files: Int64?

  init(bytes: Int64, files: Int64?) {
    (self.bytes, self.files) = (bytes, files)
  }

  init(_ status: statvfs) {
    bytes = Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    // btrfs has no inode table, and reports 0 inodes.
    files = status.f_files == 0 ? nil : Int64(clamping: UInt64(status.f_favail))
  }

  /// Whether there is room for `trees` more trees of the size of one that was written.
  ///
  /// - Parameter before: the free space before that tree.
  func suffices(for trees: Int, before: FileSystemRoom) -> Bool {
    if Self.needed(trees, before.bytes - bytes) > bytes { return false }
    guard let files, let earlier = before.files else { return true }
    return Self.needed(trees, earlier - files) <= files
  }

  private static func needed(_ trees: Int, _ each: Int64) -> Int64 {
    let (needed, overflows) = max(0, each).multipliedReportingOverflow(by: Int64(trees))
    return overflows ? .max : needed
  }
}

/// There is too little room for the trees of all runs, which are kept until the last run has ended.
struct TooLittleRoom: FatalError {
  let directory: [UInt8]
  let room: FileSystemRoom
  /// How many trees are still to be written.
  let trees: Int

  var message: String {
    "\(QuotedName.text(directory)): no room for \(Figures.counted(trees, "more tree")) like the first: "
      + "\(Figures.bytes(Int(room.bytes))) are free. Fewer --runs or --engines need less"
  }
}
