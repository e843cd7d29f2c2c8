import FilePipeline
import Glibc

/// What is free on a file system.
struct FileSystemRoom: Sendable, Equatable {
  /// For this process, in bytes.
  let bytes: Int64
  /// Nil where there can be any number.
  let files: Int64?

  init(bytes: Int64, files: Int64?) {
    (self.bytes, self.files) = (bytes, files)
  }

  init(_ status: statvfs) {
    bytes = Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    // btrfs has no table of inodes, and says 0 of all.
    files = status.f_files == 0 ? nil : Int64(clamping: UInt64(status.f_favail))
  }

  /// Whether there is room for so many trees more of the size of one that was written.
  ///
  /// - Parameter before: what was free before that.
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

/// The trees of all runs are kept until the last has ended: there is too little room.
struct TooLittleRoom: RunAbortion {
  let directory: [UInt8]
  let room: FileSystemRoom
  /// Trees that are still to be written.
  let trees: Int

  var message: String {
    "\(QuotedName.text(directory)): no room for \(Figures.counted(trees, "more tree")) like the first: "
      + "\(Figures.bytes(Int(room.bytes))) are free. Fewer --runs or --engines need less"
  }
}
