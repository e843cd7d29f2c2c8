import CProcess
import FilePipeline
import Glibc
import LinuxSystem
import SystemPackage

/// A new folder in the user's directory, with a folder for the tree of each run. Only its owner has access.
///
/// Calls that block on the disk are made on a separate thread.
final class ComparisonFolder: Sendable {
  /// How many names are tried. A guess: of four billion names, the second is free.
  private static let attempts = 16

  /// The user's directory, as given.
  let directoryPath: [UInt8]
  private let thread: ThreadExecutor
  private let directory: FileDescriptor
  private let folder: FileDescriptor
  private let name: [UInt8]

  /// Calls `body` with a new folder, and removes it when that has returned or thrown, also if the task is cancelled.
  ///
  /// - Parameter path: its parent directory. If that does not exist, it is created, and removed at the end unless it
  ///   has other entries by then.
  /// - Throws: ``ComparisonFolderFailure``, of making it, and of removing it if `body` succeeds; what `body` throws.
  static func with<R: Sendable>(in path: [UInt8], _ body: (ComparisonFolder) async throws -> R) async throws -> R {
    try await withThreadExecutor(name: "compare-folder") { thread in
      try await PendingCleanup.during {
        let isNew = try await thread.run { try makeDirectory(path) }
        let result: Result<R, any Error>
        do {
          let folder = try await thread.run { try ComparisonFolder(in: path, on: thread) }
          result = await folder.removing(body)
        } catch {
          result = .failure(error)
        }
        // It stays if it has other entries.
        if isNew { await thread.run { _ = path.withCString { rmdir($0) } } }
        return try result.get()
      }
    }
  }

  /// - Parameter path: the path of an existing directory.
  private init(in path: [UInt8], on thread: ThreadExecutor) throws(ComparisonFolderFailure) {
    (directoryPath, self.thread) = (path, thread)
    let directory = retryOnInterrupt { path.withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) } }
    if directory < 0 { throw ComparisonFolderFailure(path, "open") }
    self.directory = FileDescriptor(rawValue: directory)
    let name: [UInt8]
    do throws(ComparisonFolderFailure) {
      name = try Self.makeFolder(in: directory, path)
    } catch {
      close(directory)
      throw error
    }
    self.name = name
    let folder = retryOnInterrupt {
      name.withCString { openat(directory, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
    }
    if folder < 0 {
      let failure = ComparisonFolderFailure(path + [UInt8(ascii: "/")] + name, "open")
      close(directory)
      throw failure
    }
    self.folder = FileDescriptor(rawValue: folder)
  }

  deinit {
    try? folder.close()
    try? directory.close()
  }

  // MARK: Making

  /// Whether it was created.
  private static func makeDirectory(_ path: [UInt8]) throws(ComparisonFolderFailure) -> Bool {
    if path.withCString({ mkdir($0, 0o777) }) == 0 { return true }
    if errno == EEXIST { return false }
    throw ComparisonFolderFailure(path, "mkdir")
  }

  private static func makeFolder(in directory: Int32, _ path: [UInt8]) throws(ComparisonFolderFailure) -> [UInt8] {
    for _ in 0..<attempts {
      let number = String(UInt32.random(in: .min ... .max), radix: 16)
      let name = Array("millrace-compare-\(number)".utf8)
      // An existing entry of that name is neither used nor followed.
      if name.withCString({ mkdirat(directory, $0, 0o700) }) == 0 { return name }
      if errno != EEXIST { break }
    }
    throw ComparisonFolderFailure(path, "mkdir")
  }

  // MARK: Using

  /// The path of the tree that a run writes.
  func path(of run: ComparedRun) -> [UInt8] {
    directoryPath + [UInt8(ascii: "/")] + name + Array("/\(run.engine.rawValue)-\(run.round)".utf8)
  }

  /// Writes the dirty data of the directory's file system to the disk, syncfs(2).
  func synchronize() async throws {
    try await thread.run { [self] () throws(ComparisonFolderFailure) in
      let result = process_sync_file_system(folder.rawValue)
      if result < 0 { throw ComparisonFolderFailure(directoryPath, "syncfs", Errno(rawValue: -result)) }
    }
  }

  /// The free space on the directory's file system.
  func room() async throws -> FileSystemRoom {
    try await thread.run { [self] () throws(ComparisonFolderFailure) in
      var status = statvfs()
      if fstatvfs(folder.rawValue, &status) != 0 { throw ComparisonFolderFailure(directoryPath, "statvfs") }
      return FileSystemRoom(status)
    }
  }

  // MARK: Removing

  private func removing<R: Sendable>(_ body: (ComparisonFolder) async throws -> R) async -> Result<R, any Error> {
    let result: Result<R, any Error>
    do {
      result = .success(try await body(self))
    } catch {
      result = .failure(error)
    }
    if Task.isCancelled { Diagnostics.report("removing what was written; a second signal ends this at once") }
    do {
      try await remove()
    } catch {
      if case .success = result { return .failure(error) }
      // The run ends with its own error.
      Diagnostics.report(error.message)
    }
    return result
  }

  private func remove() async throws(ComparisonFolderFailure) {
    let failure = await thread.run { [self] () -> TreeRemoval.Failure? in
      do throws(TreeRemoval.Failure) {
        try TreeRemoval.remove(name, in: directory)
        return nil
      } catch {
        return error
      }
    }
    if let failure {
      throw ComparisonFolderFailure(directoryPath + [UInt8(ascii: "/")] + failure.path, "remove", failure.errno)
    }
  }
}

/// The folder could not be created, used or removed.
struct ComparisonFolderFailure: FatalError {
  let path: [UInt8]
  let operation: String
  let errno: Errno

  init(_ path: [UInt8], _ operation: String, _ errno: Errno = Errno(rawValue: Glibc.errno)) {
    (self.path, self.operation, self.errno) = (path, operation, errno)
  }

  var message: String { "\(QuotedName.text(path)): \(operation): \(errno)" }
}

extension [UInt8] {
  fileprivate func withCString<R>(_ body: (UnsafePointer<CChar>) -> R) -> R {
    (map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}

extension ThreadExecutor {
  /// Makes calls that may block, whether or not the task that waits for them is cancelled.
  fileprivate func run<R: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> R
  ) async throws(Failure) -> R {
    let outcome = await Task(executorPreference: self) { () -> Result<R, Failure> in
      do throws(Failure) {
        return .success(try body())
      } catch {
        return .failure(error)
      }
    }.value
    return try outcome.get()
  }
}
