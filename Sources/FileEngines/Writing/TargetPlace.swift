import Glibc
import LinuxSystem
import Synchronization
import SystemPackage

/// Where a file is to have its name: the directory, held open so that all steps happen in the same one whatever becomes
/// of its path, and the name in it.
final class TargetPlace: Sendable {
  let file: TargetReference
  /// Good for the calls that take a directory, but to be synchronized only if that was asked for (`O_PATH`).
  let directory: FileDescriptor
  /// With a NUL behind it.
  let name: [CChar]
  /// Whether closing a file here may report what writing it has not.
  let closingReports: Bool
  /// Nil where nothing is known of them.
  let newFiles: NewFiles?
  /// Of whom the descriptor is borrowed; nil if it is this object's own.
  private let lender: KeptDescriptor?
  private let isClosed = Atomic(false)

  /// Opens the directory; blocks on the disk.
  ///
  /// - Parameter isSynchronized: whether ``synchronizeDirectory()`` will be called: then whatever forbids it does so
  ///   now, and not when the file has its name.
  init(_ target: FileReference, isSynchronized: Bool) throws(FileError) {
    file = TargetReference(target)
    (lender, closingReports, newFiles) = (nil, true, nil)
    let path = target.path
    if path.isEmpty { throw FileError(target, .create, .system(.noSuchFileOrDirectory)) }
    // The name is handed to system calls on its own.
    if target.hasNUL { throw FileError(target, .create, .nulInPath) }
    let nameStart = path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    let name = path[nameStart...]
    // A path that ends in a slash or in a dot names a directory, whether or not there is one.
    if name.isEmpty || name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) {
      throw FileError(target, .create, .isDirectory)
    }
    self.name = name.terminated
    let flags = isSynchronized ? O_RDONLY | O_CLOEXEC | O_DIRECTORY : Opening.pathOnlyFlags | O_DIRECTORY
    do throws(Errno) {
      directory = FileDescriptor(
        rawValue: target.directory.parent == nil
          ? try Self.open(path[..<nameStart], flags)
          : try target.waitingFor { directory, _ in negatedErrno { openat(directory, ".", flags) } })
    } catch {
      throw FileError(target, .create, .system(error))
    }
  }

  /// A name in a directory of a target tree. Blocks on the disk if the directory's descriptor must be opened again.
  init(_ name: [UInt8], in directory: TargetDirectory, isSynchronized: Bool = false) throws(FileError) {
    file = TargetReference(name, in: directory)
    self.name = try directory.checked(name).terminated
    (closingReports, newFiles) = (directory.fileSystem.kind.closingReports, directory.newFiles)
    do throws(Errno) {
      if !isSynchronized, let descriptor = try directory.borrowToKeep() {
        (self.directory, lender) = (FileDescriptor(rawValue: descriptor), directory.kept)
        return
      }
      let reached = try directory.borrow()
      let flags = isSynchronized ? O_RDONLY | O_CLOEXEC | O_DIRECTORY : Opening.pathOnlyFlags | O_DIRECTORY
      self.directory = try DescriptorShortage.opening { negatedErrno { openat(reached.descriptor, ".", flags) } }
      lender = nil
    } catch {
      throw FileError(directory.target(name), .create, .system(error))
    }
  }

  /// Whether it holds no descriptor of its own.
  var isBorrowed: Bool { lender != nil }

  /// What errors name.
  var target: FileReference { file.reference }

  /// Opens the directory that comes before the name in a path.
  private static func open(_ parent: ArraySlice<UInt8>, _ flags: Int32) throws(Errno) -> Int32 {
    let reference = FileReference(path: parent.isEmpty ? Array(".".utf8) : Array(parent))
    return try reference.waitingFor { directory, path in negatedErrno { openat(directory, path, flags) } }
  }

  deinit {
    close()
  }

  /// Lets go of the directory: there will be no further step. On a thread that may block, which the last reference may
  /// not go away on.
  func close() {
    if isClosed.exchange(true, ordering: .relaxed) { return }
    if let lender { lender.giveBack() } else { try? directory.close() }
  }

  /// What has the name now, if anything; a link is not followed.
  func existing() throws(FileError) -> stat? {
    var status = stat()
    if fstatat(directory.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return status }
    let code = errno
    if code == ENOENT { return nil }
    throw FileError(target, .create, .system(Errno(rawValue: code)))
  }

  /// What has the name now, if it is something that may be replaced.
  func replaceable(_ isAllowed: Bool) throws(FileError) -> stat? {
    guard let status = try existing() else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw FileError(target, .create, .isDirectory)
    case S_IFREG, S_IFLNK: break
    default: throw FileError(target, .create, .notRegular)
    }
    if !isAllowed { throw FileError(target, .create, .system(.fileExists)) }
    return status
  }

  /// Removes a hidden name, if it can be removed.
  func remove(_ name: HiddenName) {
    unlinkat(directory.rawValue, name.bytes, 0)
  }

  /// Waits until the directory's entries are on the disk. A file system that cannot be asked to is left alone.
  func synchronizeDirectory() throws(FileError) {
    let code = retryOnInterrupt { fsync(directory.rawValue) } == 0 ? 0 : errno
    if code != 0 && code != EINVAL {
      throw FileError(target, .sync, .system(Errno(rawValue: code)))
    }
  }
}
