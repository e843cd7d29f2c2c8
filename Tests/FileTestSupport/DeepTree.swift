import Glibc
import SystemPackage

/// Directories in one another, deeper than a path can be long: made and removed a step at a time, by descriptors.
public final class DeepTree: Sendable {
  public let directory: TemporaryDirectory
  /// The name of each of the nested directories.
  public let name: [UInt8]
  public let levels: Int
  /// The only file in each directory, which holds the number of its level, counted from 0. It comes before the
  /// directory.
  public static let fileName = Array("0".utf8)

  /// - Parameter fileEvery: on how many levels there is one file; the first and the last have one in any case.
  public init(levels: Int, nameLength: Int, fileEvery: Int = 1) throws {
    directory = try TemporaryDirectory()
    self.levels = levels
    name = [UInt8](repeating: UInt8(ascii: "d"), count: nameLength)
    var current = directory.path.withCString { open($0, Self.directoryFlags) }
    for level in 0..<levels {
      if level % fileEvery == 0 { try Self.write(String(level), in: current) }
      guard name.withCString({ mkdirat(current, $0, 0o755) }) == 0 else { throw Errno(rawValue: errno) }
      current = try descend(from: current)
    }
    try Self.write(String(levels), in: current)
    close(current)
  }

  private static let directoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC

  private static func write(_ text: String, in directory: Int32) throws {
    let file = fileName.withCString { openat(directory, $0, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644) }
    if file < 0 { throw Errno(rawValue: errno) }
    try FileDescriptor(rawValue: file).closeAfter { _ = try FileDescriptor(rawValue: file).writeAll(text.utf8) }
  }

  /// Opens the next directory, and closes this one.
  private func descend(from current: Int32) throws -> Int32 {
    let next = name.withCString { openat(current, $0, Self.directoryFlags) }
    close(current)
    if next < 0 { throw Errno(rawValue: errno) }
    return next
  }

  /// The path of the file on a level.
  public func path(_ level: Int) -> [UInt8] {
    var path = directory.path("")
    for _ in 0..<level { path += name + [UInt8(ascii: "/")] }
    return path + Self.fileName
  }

  /// Removes the file on a level.
  public func removeFile(_ level: Int) throws {
    var current = directory.path.withCString { open($0, Self.directoryFlags) }
    for _ in 0..<level { current = try descend(from: current) }
    defer { close(current) }
    if Self.fileName.withCString({ unlinkat(current, $0, 0) }) != 0 { throw Errno(rawValue: errno) }
  }

  /// From the ground up: each directory's parent is in it, as `..`.
  deinit {
    guard
      var current = try? (0..<levels).reduce(
        directory.path.withCString({ open($0, Self.directoryFlags) }), { current, _ in try descend(from: current) })
    else { return }
    for _ in 0..<levels {
      _ = Self.fileName.withCString { unlinkat(current, $0, 0) }
      let parent = openat(current, "..", Self.directoryFlags)
      close(current)
      current = parent
      _ = name.withCString { unlinkat(current, $0, AT_REMOVEDIR) }
    }
    close(current)
  }
}
