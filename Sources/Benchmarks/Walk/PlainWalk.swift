import Generators
import Glibc
import SystemPackage

/// A walk as one writes it by hand: opendir(3), readdir(3), one directory after another, in the order that the kernel
/// gives.
///
/// It goes by descriptors, which spares the kernel the way from the top for each file, and skips what is neither a
/// directory nor a regular file. Roots are followed if they are symbolic links.
struct PlainWalk {
  /// Calls `body` with each regular file: its name, below the directory that is open as the descriptor.
  ///
  /// - Throws: a ``TreeError`` for what cannot be opened; what `body` throws.
  static func files(
    under root: String, _ body: (_ directory: Int32, _ name: UnsafePointer<CChar>) throws -> Void
  ) throws {
    var status = stat()
    if stat(root, &status) != 0 { throw TreeError.call("stat", path: root, Errno(rawValue: errno)) }
    if status.st_mode & S_IFMT == S_IFREG { return try body(AT_FDCWD, root) }
    guard let directory = opendir(root) else { throw TreeError.call("open", path: root, Errno(rawValue: errno)) }
    try visit(directory, root, body)
  }

  private static func visit(
    _ directory: OpaquePointer, _ root: String, _ body: (Int32, UnsafePointer<CChar>) throws -> Void
  ) throws {
    defer { closedir(directory) }
    let descriptor = dirfd(directory)
    while let entry = readdir(directory) {
      // Where it lies: its memory ends behind the name, before the structure does, and a copy would go beyond it.
      let start = UnsafeRawPointer(entry)
      let name = (start + MemoryLayout<dirent>.offset(of: \.d_name)!).assumingMemoryBound(to: CChar.self)
      switch kind(
        start.load(fromByteOffset: MemoryLayout<dirent>.offset(of: \.d_type)!, as: UInt8.self), name, descriptor)
      {
      case S_IFREG: try body(descriptor, name)
      case S_IFDIR where strcmp(name, ".") != 0 && strcmp(name, "..") != 0:
        let child = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard child >= 0, let below = fdopendir(child) else {
          throw TreeError.call("open", path: "\(root)/…/\(String(cString: name))", Errno(rawValue: errno))
        }
        try visit(below, root, body)
      default: break
      }
    }
  }

  /// The entry's type as stat(2) has it. Few file systems do not tell it with the name.
  private static func kind(_ type: UInt8, _ name: UnsafePointer<CChar>, _ directory: Int32) -> mode_t {
    if Int(type) != Int(DT_UNKNOWN) { return mode_t(type) << 12 }  // DTTOIF of dirent.h
    var status = stat()
    return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_mode & S_IFMT : 0
  }
}
