import FileEngines
import SystemPackage

/// What the workers of a copy share.
final class CopyTarget: Sendable {
  let root: FilePath
  let options: CopyOptions
  private let naming: CopyNaming?
  /// Nil in a dry run if the root does not exist.
  let writing: WriteTarget?
  let links = HardLinks()

  init(
    _ root: FilePath, _ options: CopyOptions, _ naming: CopyNaming?, _ engine: any FileEngine
  ) async throws {
    (self.root, self.options, self.naming) = (root, options, naming)
    do throws(FileError) {
      let permissions: FilePermissions? = options.isDryRun ? nil : .newDirectory
      writing = WriteTarget(try await engine.openTarget(FileReference(path: root), creating: permissions))
    } catch {
      guard options.isDryRun, error.cause == .system(.noSuchFileOrDirectory) else { throw error }
      writing = nil
    }
  }

  /// The name that an entry is to have below the root.
  func name(of entry: FileEntry) throws -> [UInt8] {
    if let naming { try naming(entry).bytes } else { entry.bytesBelowRoot }
  }

  /// Until a directory gets the source's permissions, only its owner has access to what is in it.
  private var newDirectory: FilePermissions {
    options.keeps.contains(.permissions) ? FilePermissions(rawValue: 0o700) : .newDirectory
  }

  /// The directory at a path below the root; nil in a dry run if it does not exist.
  func directory(_ path: [UInt8], _ engine: any FileEngine) async throws(FileError) -> TargetDirectory? {
    guard let writing else { return nil }
    if !options.isDryRun { return try await writing.directory(path, creating: newDirectory, engine) }
    do throws(FileError) {
      return try await engine.directory(path, in: writing.tree, creating: nil)
    } catch {
      if error.cause == .system(.noSuchFileOrDirectory) { return nil }
      throw error
    }
  }

  /// Gives the owner access to directories, so that something can be made under a name, after a copy has failed for
  /// want of permissions; see ``FileEngines/TargetTree``.
  ///
  /// - Parameter depth: how many of the directories in the name's path are entries of the walk, and get their
  ///   permissions at the end. The permissions of the others are the user's choice.
  /// - Returns: the directories that were opened; nil if another attempt would fail too.
  func openToOwner(
    _ name: [UInt8], depth: Int, after error: FileError, _ engine: any FileEngine
  ) async throws(FileError) -> [OpenedDirectory]? {
    guard let writing, error.cause == .system(.permissionDenied), !options.isDryRun, depth > 0 else { return nil }
    let tree = writing.tree
    let opened = try await engine.visit(tree.root, .attributes) { () throws(FileError) in
      try tree.openToOwner(name, depth: depth)
    }
    return opened.isEmpty && !tree.hasOpenedAny ? nil : opened
  }

  // MARK: Outcomes

  func copied(
    _ destination: CopyDestination, _ kind: FileStatus.Kind, _ action: CopyAction, byteCount: Int64 = 0,
    notKept: FileAttributes.Kinds = [], _ output: (any Sendable)? = nil
  ) -> CopyWorker.Copied {
    CopyWorker.Copied(CopyFacts(root, destination.path, kind, action, byteCount: byteCount, notKept: notKept), output)
  }

  /// Claims what a copy has made.
  ///
  /// - Throws: ``FileEngines/FileError/Cause/nameTaken`` if another entry has replaced it, or found it there.
  func claim(
    _ copied: CopyWorker.Copied, _ destination: CopyDestination, for file: FileReference
  ) async throws(FileError) {
    // In a directory that the run has made nothing can be replaced.
    guard copied.action == .written, let writing, let directory = destination.directory, !directory.isNew,
      !options.isDryRun
    else { return }
    let made = try await destination.engine.status(of: destination.name, in: directory)
    if let made, !writing.claim(made) { throw FileError(file, .create, .nameTaken) }
  }

  /// Whether an error says that something has taken the name since it was looked at, and that stays.
  func keepsExisting(after error: FileError) -> Bool {
    options.overwriting == .never && error.cause == .system(.fileExists)
  }

  /// Publishes a copy that was written without its name. Suspends until it has the name.
  ///
  /// Its directory may have its attributes by then if the run meets the directory more than once, in two roots or by
  /// its naming. Where these forbid making a name, the copy fails for a process that is not root; the next run makes
  /// it.
  func publish(
    _ written: UnpublishedFile, _ copied: CopyWorker.Copied, _ destination: CopyDestination, for file: FileReference
  ) async throws(FileError) -> CopyWorker.Copied {
    do throws(FileError) {
      try await written.publish()
    } catch {
      guard keepsExisting(after: error) else { throw error }
      return self.copied(destination, copied.kind, .unchanged)
    }
    try await claim(copied, destination, for: file)
    return copied
  }
}

/// Where an entry's copy is to be.
struct CopyDestination: Sendable {
  let engine: any FileEngine
  /// Nil in a dry run if it does not exist.
  let directory: TargetDirectory?
  /// The path below the target's root.
  let path: [UInt8]
  /// The name in the directory.
  let name: [UInt8]
  /// What has the name already.
  var existing: FileStatus?
  /// Whether the copy replaces what has the name by then. Where nothing had it, another entry of the run or another
  /// process has made it meanwhile.
  var mayReplace: Bool
}
