import FileEngines
import Glibc
import IOUring
import LinuxSystem
import SystemPackage

/// What a walk takes of one directory, in the order of a sorted walk, and packed: some 30 bytes an entry beside its
/// name.
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
    /// Of a link that is followed: what it leads to.
    let kind: FileStatus.Kind
    var flags: Flags

    var isDirectory: Bool { kind == .directory }

    /// Whether it is a directory that the walk enters.
    var isEntered: Bool { isDirectory && flags.isDisjoint(with: [.isFailure, .isPassedBy]) }
  }

  struct Flags: OptionSet {
    let rawValue: UInt8

    /// A symbolic link that is followed.
    static let isFollowed = Flags(rawValue: 1 << 0)
    /// ``failures`` says what went wrong.
    static let isFailure = Flags(rawValue: 1 << 1)
    /// A directory that the walk does not enter.
    static let isPassedBy = Flags(rawValue: 1 << 2)
  }

  /// What the kernel may give of one directory, in bytes: some twenty million entries, more than directories have that
  /// people work with.
  static let mostBytes = 1 << 30

  /// The names, each with a NUL behind it; two behind those of directories.
  private(set) var names: [UInt8] = []
  private(set) var entries: [Entry] = []
  /// Of links that lead nowhere, by where their names begin.
  private(set) var failures: [UInt32: Errno] = [:]
  /// What kept the kernel from giving the other names, if it did not give all of them.
  let failure: Errno?

  /// Reads and sorts the directory, as far as it can be read. Blocks on the disk.
  ///
  /// What the options do not include is left out. What cannot be looked at is taken for a file: opening it says what is
  /// wrong with it.
  ///
  /// - Parameter mostBytes: with more the directory fails with `EOVERFLOW`; the names up to there are given.
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
    // The slashes were for the order. Behind a name that openat(2) gets, one would have it follow a link.
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
