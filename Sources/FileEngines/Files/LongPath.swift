import Glibc
import LinuxSystem
import SystemPackage

/// Paths that are longer than the kernel takes: a walk by descriptors gives them, and a list or a manifest of its
/// results brings them back.
enum LongPath {
  /// The longest path that a system call takes, in bytes, without its NUL.
  static let longest = Int(PATH_MAX) - 1
}

extension FileReference {
  /// As ``withRelativePath(_:_:)``: the directories are opened one piece of the path after another, as far as it takes
  /// until the rest is short enough. What the kernel does within one call happens here between two: symbolic links are
  /// followed. The path has no NUL.
  func withLongPath<R>(
    _ lookup: Lookup, _ body: (_ directory: Int32, _ path: UnsafePointer<CChar>) -> R
  ) throws(Errno) -> R {
    // More than one system call.
    if lookup == .cachedOnly { throw .resourceTemporarilyUnavailable }
    let names = directory.names
    var place = try directory.borrow(lookup)
    var rest = names[Int(start)..<Int(start + count)]
    let slash = UInt8(ascii: "/")
    while rest.count > LongPath.longest {
      guard let end = rest.prefix(LongPath.longest).lastIndex(of: slash) else { throw .fileNameTooLong }
      place = BorrowedDirectory(temporary: try Self.openDirectory(rest[...end], in: place.descriptor))
      rest = rest[(end + 1)...].drop { $0 == slash }
    }
    // Nothing but slashes was left: the path is that of the directory.
    if rest.isEmpty { return ".".withCString { body(place.descriptor, $0) } }
    return names.withCString(from: rest.startIndex) { body(place.descriptor, $0) }
  }

  private static func openDirectory(_ piece: ArraySlice<UInt8>, in directory: Int32) throws(Errno) -> Int32 {
    let descriptor = (piece + [0]).withCString { path in
      DescriptorShortage.givingUpOthers {
        negatedErrno { openat(directory, path, Opening.pathOnlyFlags | O_DIRECTORY) }
      }
    }
    if descriptor < 0 { throw Errno(rawValue: -descriptor) }
    return descriptor
  }
}
