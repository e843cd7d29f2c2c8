import FilePipeline
import Glibc
import LinuxSystem
import SystemPackage

/// A list of names or a manifest. `-` is standard input.
///
/// It is closed with the last reference, except standard input.
final class InputFile: Sendable {
  let path: [UInt8]
  let descriptor: FileDescriptor

  init(_ path: [UInt8]) throws(InputFileError) {
    self.path = path
    if path == [UInt8(ascii: "-")] {
      descriptor = .standardInput
      return
    }
    do throws(Errno) {
      descriptor = try FileDescriptor.opening(path)
    } catch {
      throw InputFileError(path: path, operation: "open", errno: error)
    }
  }

  deinit {
    if descriptor != .standardInput { try? descriptor.close() }
  }

  /// Whether it can be read again from its start: a pipe or a terminal cannot.
  var isRegular: Bool {
    var status = stat()
    return fstat(descriptor.rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}

struct InputFileError: FatalError {
  let path: [UInt8]
  let operation: String
  let errno: Errno

  var message: String { "\(QuotedName.text(path)): \(operation): \(errno)" }
}

extension FileDescriptor {
  /// Opens a file of any kind for reading, by a path of any length. Blocks: for a FIFO, until there is a writer.
  static func opening(_ path: [UInt8]) throws(Errno) -> FileDescriptor {
    if path.count < PATH_MAX { return try opening(path[...], in: AT_FDCWD) }
    // The kernel refuses a path this long: its directory is opened component by component, and the name in it.
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
