import FileEngines
import Glibc
import IOUring
import SystemPackage

/// The files and directories in one directory, in the order of a sorted walk, and packed: some 30 bytes an entry beside
/// its name.
///
/// Directories sort as if their names ended in a slash. So a walk that goes through them depth first meets the files in
/// the byte order of their whole paths: `a-b` before `a/c`, since `-` is less than `/`.
struct DirectoryListing {
  struct Entry {
    /// The first eight bytes of the name, as a number that sorts like them.
    fileprivate let key: UInt64
    let inode: UInt64
    /// Where the name begins among the names.
    let start: UInt32
    /// The length of the name; for a directory the slash is counted.
    let count: UInt16
    let isDirectory: Bool
  }

  /// What the kernel may give of one directory, in bytes: some twenty million entries, more than directories have that
  /// people work with.
  static let mostBytes = 1 << 30

  /// The names, each with a NUL behind it; two behind those of directories.
  private(set) var names: [UInt8] = []
  private(set) var entries: [Entry] = []
  /// What kept the kernel from giving the other names, if it did not give all of them.
  let failure: Errno?

  /// Reads and sorts the directory, as far as it can be read. Blocks on the disk.
  ///
  /// What is neither a regular file nor a directory is left out: symbolic links are not followed, and FIFOs, sockets
  /// and devices not opened. What cannot be looked at is taken for a file: opening it says what is wrong with it.
  ///
  /// - Parameter mostBytes: with more the directory fails with `EOVERFLOW`; the names up to there are given.
  init(_ directory: FileDescriptor, through buffer: IOBuffer, mostBytes: Int = mostBytes) {
    var (names, entries) = ([UInt8](), [Entry]())
    failure = Self.read(directory, through: buffer, mostBytes) { record in
      guard let isDirectory = Self.isDirectory(record, in: directory) else { return }
      let start = names.count
      names.append(contentsOf: record.name)
      if isDirectory { names.append(UInt8(ascii: "/")) }
      let count = names.count - start
      entries.append(
        Entry(
          key: Self.key(names[start...]), inode: record.inode, start: UInt32(start), count: UInt16(count),
          isDirectory: isDirectory))
      names.append(0)
    }
    names.withUnsafeBufferPointer { names in
      entries.sort { Self.precedes($0, $1, names) }
    }
    // The slashes were for the order. Behind a name that openat(2) gets, one would have it follow a link.
    for entry in entries where entry.isDirectory { names[Int(entry.start) + Int(entry.count) - 1] = 0 }
    self.names = names
    self.entries = entries
  }

  /// Returns what went wrong before the end.
  private static func read(
    _ directory: FileDescriptor, through buffer: IOBuffer, _ mostBytes: Int, _ body: (DirectoryRecord) -> Void
  ) -> Errno? {
    do throws(Errno) {
      try readDirectory(directory, through: buffer, mostBytes: mostBytes, body)
      return nil
    } catch {
      return error
    }
  }

  /// Nil for what a walk passes by.
  private static func isDirectory(_ record: DirectoryRecord, in directory: FileDescriptor) -> Bool? {
    switch Int(record.type) {
    case DT_REG: return false
    case DT_DIR: return true
    case DT_UNKNOWN:
      var status = stat()
      // The name ends in a NUL where the kernel wrote it.
      let result = record.name.withMemoryRebound(to: CChar.self) {
        fstatat(directory.rawValue, $0.baseAddress!, &status, AT_SYMLINK_NOFOLLOW)
      }
      // Gone in the meantime: not there to be walked.
      if result != 0 { return errno == ENOENT ? nil : false }
      if status.st_mode & S_IFMT == S_IFREG { return false }
      return status.st_mode & S_IFMT == S_IFDIR ? true : nil
    default: return nil
    }
  }

  private static func key(_ name: ArraySlice<UInt8>) -> UInt64 {
    var key: UInt64 = 0
    for (position, byte) in name.prefix(8).enumerated() { key |= UInt64(byte) << (56 - 8 * position) }
    return key
  }

  /// Most names differ in the first eight bytes; for the others the rest decides.
  private static func precedes(_ a: Entry, _ b: Entry, _ names: UnsafeBufferPointer<UInt8>) -> Bool {
    if a.key != b.key { return a.key < b.key }
    let common = Int(min(a.count, b.count))
    let order = memcmp(names.baseAddress! + Int(a.start), names.baseAddress! + Int(b.start), common)
    return order != 0 ? order < 0 : a.count < b.count
  }
}
