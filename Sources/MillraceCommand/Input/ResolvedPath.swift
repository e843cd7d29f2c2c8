import FilePipeline
import Glibc
import SystemPackage

/// An absolute path without symbolic links, as realpath(3) gives it: two of them can be compared.
struct ResolvedPath {
  let bytes: [UInt8]

  /// Blocks on the disk. Nil if nothing is at the path.
  init?(_ path: [UInt8]) {
    guard let resolved = FilePath(bytes: path).withPlatformString({ realpath($0, nil) }) else { return nil }
    defer { free(resolved) }
    bytes = Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
  }

  /// The path of `name` in a directory.
  init(_ directory: ResolvedPath, appending name: [UInt8]) {
    bytes = directory.prefix + name
  }

  /// Whether it is `directory`, or below it.
  func isWithin(_ directory: ResolvedPath) -> Bool {
    bytes == directory.bytes || bytes.starts(with: directory.prefix)
  }

  /// The names below `directory`, none for the directory itself; nil if it is not within it.
  func components(below directory: ResolvedPath) -> [ArraySlice<UInt8>]? {
    if !isWithin(directory) { return nil }
    return bytes.dropFirst(directory.prefix.count).split(separator: UInt8(ascii: "/"))
  }

  /// What the paths of all entries of the directory start with.
  private var prefix: [UInt8] {
    let slash = UInt8(ascii: "/")
    return bytes.last == slash ? bytes : bytes + [slash]
  }
}
