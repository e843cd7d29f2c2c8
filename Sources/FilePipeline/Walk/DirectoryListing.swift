import FileEngines
import Glibc
import IOUring
import LinuxSystem
import SystemPackage

/// The entries of one directory that a walk wants, sorted, and packed into some 30 bytes each beside the name.
///
/// Directories sort as if their names ended in a slash, so that a depth-first walk gives the files in the byte order of
/// their whole paths: `a-b` before `a/c`, since `-` is less than `/`.
struct DirectoryListing: Sendable {
  struct Entry: Sendable {
    /// The first eight bytes of the name as a big-endian number, so that keys sort like names.
    fileprivate let key: UInt64
    let inode: UInt64
    /// Where the name begins in ``names``.
    let start: UInt32
    /// The length of the name; for a directory including the slash.
    let count: UInt16
    /// The kind; for a link that is followed, that of its target.
    let kind: FileStatus.Kind
    var flags: Flags

    var isDirectory: Bool { kind == .directory }

    /// Whether it is a directory that the walk enters.
    var isEntered: Bool { isDirectory && flags.isDisjoint(with: [.isFailure, .isSkipped]) }
  }

  struct Flags: OptionSet, Sendable {
    let rawValue: UInt8

    /// A symbolic link that is followed.
    static let isFollowed = Flags(rawValue: 1 << 0)
    /// ``failure(of:)`` says what went wrong.
    static let isFailure = Flags(rawValue: 1 << 1)
    /// A directory that the walk does not enter.
    static let isSkipped = Flags(rawValue: 1 << 2)
  }

  /// The size of all records of one directory, at most: some twenty million entries, more than real directories have.
  static let mostBytes = 1 << 30

  /// The names, each followed by a NUL; those of directories by two.
  private(set) var names: [UInt8] = []
  private(set) var entries: [Entry] = []
  /// The errors of links that cannot be followed, and of directories whose status cannot be read, by the starts of
  /// their names.
  private var failures: [UInt32: Errno] = [:]
  /// Why the kernel has not returned all names, if it has not.
  let failure: Errno?

  /// Reads and sorts the directory, as far as it can be read. Blocks on the disk.
  ///
  /// Entries that the options do not include are dropped. An entry that cannot be examined counts as a file: opening it
  /// reports the error.
  ///
  /// - Parameter mostBytes: a directory with more fails with `EOVERFLOW`, and has the names up to there.
  init(
    _ directory: FileDescriptor, _ options: WalkOptions = WalkOptions(), through buffer: IOBuffer,
    mostBytes: Int = mostBytes
  ) {
    var (names, entries, failures) = ([UInt8](), [Entry](), [UInt32: Errno]())
    failure = Self.read(directory, through: buffer, mostBytes) { record in
      guard let found = ListedName(record, in: directory, options) else { return }
      let start = names.count
      names.append(contentsOf: record.name)
      if found.kind == .directory { names.append(UInt8(ascii: "/")) }
      entries.append(Self.entry(found, names[start...]))
      names.append(0)
      if let failure = found.failure { failures[UInt32(start)] = failure }
    }
    names.withUnsafeBufferPointer { names in
      entries.sort { Self.precedes($0, $1, names) }
    }
    // The slashes were for the order. With a trailing slash openat(2) would follow a link.
    for entry in entries where entry.isDirectory { names[Int(entry.start) + Int(entry.count) - 1] = 0 }
    self.names = names
    self.entries = entries
    self.failures = failures
  }

  private static func entry(_ found: ListedName, _ name: ArraySlice<UInt8>) -> Entry {
    var flags: Flags = found.isFollowed ? .isFollowed : []
    if found.failure != nil { flags.insert(.isFailure) }
    return Entry(
      key: key(name), inode: found.inode, start: UInt32(name.startIndex), count: UInt16(name.count),
      kind: found.kind, flags: flags)
  }

  /// Returns the error that ended reading early.
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

  /// The error of an entry that is a failure.
  func failure(of entry: Entry) -> Errno? {
    entry.flags.contains(.isFailure) ? failures[entry.start] : nil
  }

  /// Records whether the walk enters the directory at an index.
  mutating func mark(_ index: Int, _ descent: WalkOptions.Descent) {
    switch descent {
    case .entered: break
    case .skipped: entries[index].flags.insert(.isSkipped)
    case .failed(let errno):
      entries[index].flags.insert(.isFailure)
      failures[entries[index].start] = errno
    }
  }

  private static func key(_ name: ArraySlice<UInt8>) -> UInt64 {
    var key: UInt64 = 0
    for (position, byte) in name.prefix(8).enumerated() { key |= UInt64(byte) << (56 - 8 * position) }
    return key
  }

  /// Most names differ in the first eight bytes; the others are compared as a whole.
  private static func precedes(_ a: Entry, _ b: Entry, _ names: UnsafeBufferPointer<UInt8>) -> Bool {
    if a.key != b.key { return a.key < b.key }
    let common = Int(min(a.count, b.count))
    let order = memcmp(names.baseAddress! + Int(a.start), names.baseAddress! + Int(b.start), common)
    return order != 0 ? order < 0 : a.count < b.count
  }
}
