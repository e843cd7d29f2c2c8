import Glibc
import LinuxSystem
import SystemPackage

// Writing by the calls of BlockingCalls, on the helper threads but for what is brief: on those for daemons and servers
// where one is asked, so that files of a disk never wait for it.
extension UringEngine: BlockingCalls {
  public func blocking<R: ~Copyable & Sendable>(
    _ file: FileReference, _ operation: FileError.Operation, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    try await onHelper(of: helpers, body)
  }

  public func blocking<R: ~Copyable & Sendable>(
    _ file: FileReference, _ operation: FileError.Operation, isSlow: Bool, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    try await onHelper(of: isSlow ? slowHelpers : helpers, body)
  }

  public func briefly<R: ~Copyable & Sendable>(
    _ file: @autoclosure () -> FileReference, _ operation: FileError.Operation, isSlow: Bool,
    _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    if !isSlow && currentLoop != nil { return try body() }
    return try await blocking(file(), operation, isSlow: isSlow, body)
  }

  /// On a loop itself where that waits for nothing: files that come into a directory together would all wait for a
  /// thread.
  public func directory(
    _ path: [UInt8], in tree: TargetTree, creating permissions: FilePermissions?
  ) async throws(FileError) -> TargetDirectory {
    if let known = tree.known(path) { return known }
    let (reference, isSlow) = (tree.root.target(path), tree.root.callsMayWait)
    let open = { () throws(FileError) in try tree.directory(path, creating: permissions) }
    if currentLoop == nil || isSlow || !tree.isAtHand(path) {
      return try await opening(reference, .create, isSlow: isSlow, open)
    }
    return try await openingBriefly(reference, .create, isSlow: isSlow, open)
  }

  /// Asks the kernel's caches for a path only where a daemon or a server has something mounted at all. Off the lanes,
  /// where no file call may be made, a helper asks.
  public func isOnSlowFileSystem(_ file: FileReference) async -> Bool {
    if let known = file.directory.fileSystem { return known.callsMayWait }
    if currentLoop != nil { return isPathOnSlowFileSystem(file) }
    let isSlow = try? await onHelper(of: helpers) { () throws(FileError) in
      let isSlow = isPathOnSlowFileSystem(file)
      // Not on one of Swift's threads, which this would take a millisecond of.
      if isSlow { slowHelpers.start() }
      return isSlow
    }
    return isSlow ?? true
  }

  private func isPathOnSlowFileSystem(_ file: FileReference) -> Bool {
    if !FileSystems.isAnySlow { return false }
    // A new file will be on its directory's file system.
    var isUnknown = false
    for place in [file, file.pathOfDirectory] {
      switch lookNonblocking(place) {
      case .found(let named, let found):
        defer { _ = Glibc.close(named) }
        return FileSystems.kind(ofMount: found.mount)?.callsMayWait ?? true
      case .failed(let isUncached): isUnknown = isUncached
      }
    }
    // To look the directory's name up may take any time; if there is no such directory nothing will.
    return isUnknown
  }

  /// Where the system has no room for a thread `body` blocks a loop.
  func onHelper<R: ~Copyable & Sendable>(
    of helpers: ThreadExecutor, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    if helpers.isCurrent { return try body() }
    return helpers.start() > 0 ? try await run(on: helpers, body) : try await run(on: anyLoop, body)
  }
}

extension FileReference {
  /// The directory that a file named by its path is in.
  fileprivate var pathOfDirectory: FileReference {
    let (path, slash) = (path, UInt8(ascii: "/"))
    guard let end = path.lastIndex(of: slash) else { return FileReference(path: [UInt8(ascii: ".")]) }
    return FileReference(path: end == 0 ? [slash] : Array(path[..<end]))
  }
}
