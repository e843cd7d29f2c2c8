import Glibc
import SystemPackage

/// Writes files below one directory, with plain blocking calls: what makes the data must not depend on what is measured
/// with it.
///
/// Paths are strings, relative to the root, with `/` between their parts. The writer remembers the folders that it has
/// made, so a folder costs one `mkdir` and not one for each of its files.
struct TreeWriter {
  /// The directory that everything goes into, as the caller named it.
  let root: String

  private var known: Set<String> = []

  /// Makes `root` and the directories above it where they are missing.
  init(root: String) throws {
    self.root = root
    try Self.makeDirectory(root)
  }

  /// Throws unless `path` is missing or an empty directory.
  static func requireEmpty(_ path: String) throws {
    guard let directory = opendir(path) else {
      if errno == ENOENT { return }
      throw TreeError.call("open", path: path, Errno(rawValue: errno))
    }
    defer { closedir(directory) }
    errno = 0
    while let entry = readdir(directory) {
      if !isDotOrDotDot(entry) { throw TreeError.notEmpty(path: path) }
    }
    if errno != 0 { throw TreeError.call("read", path: path, Errno(rawValue: errno)) }
  }

  /// Makes a folder and those above it. A folder that is there already stays as it is.
  mutating func makeFolder(_ path: String) throws {
    guard !path.isEmpty, known.insert(path).inserted else { return }
    try Self.makeDirectory("\(root)/\(path)")
  }

  /// Opens the file at `path`, new or cut to nothing, for `body` to write. Its folder must be there. A symbolic link in
  /// its place is an error: what it points to may lie outside the root.
  func writeFile(_ path: String, _ body: (FileDescriptor) throws -> Void) throws {
    let full = "\(root)/\(path)"
    let file: FileDescriptor
    do {
      // Given as a C string, which spares making a `FilePath` of each name.
      file = try full.withCString {
        try FileDescriptor.open(
          $0, .writeOnly, options: [.create, .truncate, .noFollow, .closeOnExec],
          permissions: [.ownerReadWrite, .groupRead, .otherRead])
      }
    } catch let errno as Errno {
      throw TreeError.call("open", path: full, errno)
    }
    do {
      try file.closeAfter { try body(file) }
    } catch let errno as Errno {
      throw TreeError.call("write", path: full, errno)
    }
  }

  /// Makes a directory and those above it that are missing.
  private static func makeDirectory(_ path: String) throws {
    // If what is there is no directory, the first open below it says so.
    if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    var failure = Errno(rawValue: errno)
    let parent = FilePath(path).removingLastComponent()
    if failure == .noSuchFileOrDirectory, !parent.isEmpty, parent.string != path {
      try makeDirectory(parent.string)
      if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
      failure = Errno(rawValue: errno)
    }
    throw TreeError.call("mkdir", path: path, failure)
  }

  /// Whether an entry is the directory itself or the one above it, which even an empty directory lists.
  private static func isDotOrDotDot(_ entry: UnsafePointer<dirent>) -> Bool {
    // Where it lies: its memory ends behind the name, before the structure does, and a copy would go beyond it.
    let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
    let name = start.assumingMemoryBound(to: CChar.self)
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0
  }
}
