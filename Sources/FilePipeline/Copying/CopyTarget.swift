import FileEngines
import SystemPackage

/// What the workers of a copy share.
final class CopyTarget: Sendable {
  let root: FilePath
  let options: CopyOptions
  private let naming: CopyNaming?
  /// Nil if nothing is to be written, and there is no tree yet.
  private let writing: WriteTarget?
  let links = HardLinks()
  let files = TargetFiles()

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

  private var tree: TargetTree? { writing?.tree }

  /// The name that an entry is to have below the root.
  func name(of entry: FileEntry) throws -> [UInt8] {
    if let naming { try naming(entry).bytes } else { entry.bytesBelowRoot }
  }

  /// Until a directory gets the source's permissions what is in it is its owner's alone.
  private var newDirectory: FilePermissions {
    options.keeps.contains(.permissions) ? FilePermissions(rawValue: 0o700) : .newDirectory
  }

  /// Takes a name for an entry that is no directory. False if another one of the run has it.
  func take(_ name: [UInt8]) -> Bool { writing?.take(name) ?? true }

  /// Calls `body` when fewer than so many large files are being copied.
  func whenThereIsRoom<R>(
    for file: FileReference, _ body: () async throws(FileError) -> R
  ) async throws(FileError) -> R {
    guard let writing else { return try await body() }
    return try await writing.whenThereIsRoom(for: file, body)
  }

  /// The directory at a path below the root; nil if it is not there and nothing is to be written.
  func directory(_ path: [UInt8], _ engine: any FileEngine) async throws(FileError) -> TargetDirectory? {
    guard let writing else { return nil }
    do throws(FileError) {
      let found = try await engine.directory(path, in: writing.tree, creating: options.isDryRun ? nil : newDirectory)
      if !options.isDryRun { try await writing.removeLeftovers(in: found, engine) }
      return found
    } catch {
      if options.isDryRun, error.cause == .system(.noSuchFileOrDirectory) { return nil }
      throw error
    }
  }

  /// Opens directories to their owner so that something can be made under a name, where permissions are what a copy has
  /// failed for; see ``FileEngines/TargetTree``.
  ///
  /// - Parameter depth: how many of those on the way to the name are entries of the walk, and get their permissions at
  ///   the end. Others are as the user wants them.
  /// - Returns: those that were opened; nil if there is nothing to be gained by another attempt.
  func openToOwner(
    _ name: [UInt8], depth: Int, after error: FileError, _ engine: any FileEngine
  ) async throws(FileError) -> [OpenedDirectory]? {
    guard let tree, error.cause == .system(.permissionDenied), !options.isDryRun, depth > 0 else { return nil }
    let opened = try await engine.visit(tree.root, .attributes) { () throws(FileError) in
      try tree.openToOwner(name, depth: depth)
    }
    return opened.isEmpty && !tree.hasOpenedAny ? nil : opened
  }

  /// Whether an entry is the target itself, or is in it.
  func contains(_ file: FileReference, _ status: FileStatus, _ membership: inout TargetMembership) -> Bool {
    guard let tree else { return false }
    return membership.contains(file.directory, in: tree)
      || status.kind == .directory && FileIdentity(status) == tree.root.identity
  }
}

/// Where an entry is to be.
struct CopyPlace {
  let engine: any FileEngine
  /// Nil if it is not there and nothing is to be written.
  let directory: TargetDirectory?
  /// Below the target's root.
  let path: TargetName
  /// What has the name already.
  var existing: FileStatus?
  /// Whether what has the name by then is replaced. Where nothing had it, another entry of the run, or another process,
  /// has made it meanwhile.
  var mayReplace: Bool

  /// In the directory.
  var name: [UInt8] { path.last }
}
