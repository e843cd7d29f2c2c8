import FilePipeline
import Glibc
import LinuxSystem
import SystemPackage

extension FileDescriptor {
  /// Opens a file of any kind for reading, by a path of any length. Blocks; at a FIFO until there is a writer.
  static func opening(_ path: [UInt8]) throws(Errno) -> FileDescriptor {
    if path.count < PATH_MAX { return try opening(path[...], in: AT_FDCWD) }
    // The kernel takes no such path: the directory is reached piece by piece, and the name is opened in it.
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { throw .fileNameTooLong }
    let directory = try FileReference(path: path[...slash]).openDirectory(followSymbolicLink: true).get()
    defer { try? directory.close() }
    return try opening(path[(slash + 1)...], in: directory.rawValue)
  }

  private static func opening(_ path: ArraySlice<UInt8>, in directory: Int32) throws(Errno) -> FileDescriptor {
    let characters = path.map { CChar(bitPattern: $0) } + [0]
    let descriptor = retryOnInterrupt { openat(directory, characters, O_RDONLY | O_CLOEXEC) }
    if descriptor < 0 { throw Errno(rawValue: errno) }
    return FileDescriptor(rawValue: descriptor)
  }
}
