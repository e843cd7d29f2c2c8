import IOUring
import SystemPackage

/// What every engine can do for files that are written. The calls block on threads of the engine's own, never on
/// Swift's; a call that has begun runs to its end, whether or not its task is cancelled.
///
/// Three rules hold for all of them:
/// - A symbolic link in the place of the path's last component is never followed. What replaces a file replaces the
///   link itself; opening a link for writing fails with ``FileError/Cause/isSymbolicLink``.
/// - FIFOs, sockets and devices are neither written nor replaced (``FileError/Cause/notRegular``), directories neither
///   (``FileError/Cause/isDirectory``).
/// - Writing goes through the page cache, whatever the engine's configuration says of reading.
///
/// ``FileEngine/writeFile(at:options:through:_:)`` writes a file of any length atomically by these calls.
public protocol FileWriting {
  // MARK: In place

  /// Opens a regular file to write into it, open(2). Readers see the changes as they come.
  ///
  /// - Parameter permissions: of a file that is made here, less the process's umask.
  /// - Throws: `ENOENT` (of the file, or of a directory in its path), `EEXIST`, `EACCES`, `EROFS` and what else open(2)
  ///   names.
  func openForWriting(
    _ file: FileReference, _ mode: WritingMode, permissions: FilePermissions
  ) async throws(FileError) -> WritableFile

  /// Writes bytes of the buffer to the place `offset`, in bytes, of a file that was not opened with
  /// ``WritingMode/append``; pwrite(2), again if a signal interrupts it.
  ///
  /// - Parameter range: of the bytes in the buffer; not empty.
  /// - Returns: how many bytes were written: at least one, and maybe fewer than asked for.
  /// - Throws: `ENOSPC`, `EDQUOT`, `EFBIG`, `EIO`.
  func write(
    _ file: borrowing WritableFile, from buffer: IOBuffer, range: Range<Int>, at offset: Int64
  ) async throws(FileError) -> Int

  /// The same at the end of a file that was opened with ``WritingMode/append``, wherever the end is by then.
  func append(_ file: borrowing WritableFile, from buffer: IOBuffer, range: Range<Int>) async throws(FileError) -> Int

  /// Waits until the file is on the disk: fsync(2), or fdatasync(2) if its times need not be.
  func synchronize(_ file: borrowing WritableFile, dataOnly: Bool) async throws(FileError)

  /// Cuts the file off, or lengthens it by zeros, to a size in bytes; ftruncate(2).
  func setSize(_ file: borrowing WritableFile, to size: Int64) async throws(FileError)

  /// Closes the file. Some file systems report only now that they could not write (`EIO`, `ENOSPC`, `EDQUOT`); the
  /// descriptor is given back all the same.
  func close(_ file: consuming WritableFile) async throws(FileError)

  // MARK: Whole files

  /// Makes a file that is not seen under the target's name until it is published.
  ///
  /// It has no name at all where the file system has such files (`O_TMPFILE`): then not even a crash leaves it behind.
  /// Else it has a hidden one beside the target, `.millrace-` and sixteen hexadecimal digits, and is locked (flock(2))
  /// as long as it has that. What replaces a file has such a name for a moment in any case. A process that is killed
  /// leaves it behind; pipelines that write into the directory remove what nobody has locked.
  ///
  /// Each temporary file is ended once: by ``publish(_:)`` or by ``discard(_:)``.
  ///
  /// - Throws: what would stop it from being published, as far as it is known: no such directory (`ENOENT`), a
  ///   directory or a special file in the target's place, `EEXIST` if it must not be replaced.
  func makeTemporary(for target: FileReference, _ options: FileWriteOptions) async throws(FileError) -> TemporaryFile

  /// Gives a temporary file its permissions and its target's name, in one step that no reader can see half of, and
  /// closes it.
  ///
  /// - Throws: if the file cannot have its name: the target is as it was, the temporary file is gone. The one exception
  ///   is a failure to synchronize the directory, which comes when the file already has its name.
  func publish(_ temporary: consuming TemporaryFile) async throws(FileError)

  /// Closes and removes a temporary file. What cannot be removed is left: the error that led here is the one to report.
  func discard(_ temporary: consuming TemporaryFile) async

  /// Writes a whole file atomically, in one visit to a thread: for contents that are in memory anyway.
  ///
  /// A task that is cancelled before the visit begins writes nothing (``FileError/Cause/cancelled``).
  ///
  /// - Throws: as ``makeTemporary(for:_:)``, ``write(_:from:range:at:)`` and ``publish(_:)`` do. The temporary file is
  ///   gone then.
  func writeFile(
    at target: FileReference, contents: [UInt8], options: FileWriteOptions
  ) async throws(FileError)

  // MARK: Whole files in a target tree

  /// Opens the root of a tree that files are to be written into.
  ///
  /// - Parameters:
  ///   - root: may lead through symbolic links, and be one.
  ///   - permissions: of the root if it must be made, less the process's umask (mkdir(2)); nil if it is to be there.
  /// - Throws: `ENOENT`, `ENOTDIR`, `EACCES` and what else mkdir(2) and open(2) name.
  func openTarget(
    _ root: FileReference, creating permissions: FilePermissions?
  ) async throws(FileError) -> TargetTree

  /// The directory at a path below the root of a target tree. One that was used recently costs no call.
  ///
  /// - Parameters:
  ///   - path: names with slashes between them; empty for the root itself.
  ///   - permissions: of each directory on the way that must be made, less the process's umask (mkdirat(2)); nil if all
  ///     are to be there.
  /// - Throws: ``FileError/Cause/isSymbolicLink`` and `ENOTDIR` for what is no directory; `EXDEV` for a path that is
  ///   absolute or contains `..`; `ESTALE` if a directory on the way has been replaced since it was opened; what
  ///   mkdirat(2) and openat(2) name.
  func directory(
    _ path: [UInt8], in tree: TargetTree, creating permissions: FilePermissions?
  ) async throws(FileError) -> TargetDirectory

  /// Makes a file that is not seen under its name in a directory of a target tree until it is published: as
  /// ``makeTemporary(for:_:)``.
  ///
  /// - Parameter name: a single one, byte for byte.
  func makeTemporary(
    _ name: [UInt8], in directory: TargetDirectory, _ options: FileWriteOptions
  ) async throws(FileError) -> TemporaryFile

  /// Writes a whole file atomically from a buffer, under a name in a directory of a target tree: the name leads to what
  /// it did before, or to the complete file.
  ///
  /// The three rules above hold, and a task that is cancelled before the file is begun writes nothing
  /// (``FileError/Cause/cancelled``); once it is begun cancelling is too late. The buffer is the caller's alone until
  /// the call returns.
  ///
  /// - Parameters:
  ///   - name: a single one, byte for byte.
  ///   - count: how many bytes of the buffer, from its start; 0 makes an empty file.
  /// - Throws: as ``makeTemporary(for:_:)``, ``write(_:from:range:at:)`` and ``publish(_:)`` do; `ESTALE` as
  ///   ``directory(_:in:creating:)`` does; `EINVAL` for a name with a slash. The first that went wrong; nothing is left
  ///   of the new file then, unless only closing it or synchronizing the directory failed.
  func writeFile(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, options: FileWriteOptions
  ) async throws(FileError)

  /// The same for one of many files that reach the disk together (``Durability/batch``): the file need not have its
  /// name when this returns, so that the buffer is free for the next. ``UnpublishedFile/publish()`` says when it has.
  ///
  /// With any other durability, in an engine that writes one file after another, where a daemon or a server stores the
  /// file, and where the process is short of descriptors it has its name when this returns.
  func writeUnpublished(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, options: FileWriteOptions
  ) async throws(FileError) -> UnpublishedFile

  /// Makes calls in a directory of a target tree, in one visit to a thread that may block.
  ///
  /// - Parameters:
  ///   - operation: what an error names if the visit cannot be made.
  ///   - body: makes the calls.
  func visit<R: Sendable>(
    _ directory: TargetDirectory, _ operation: FileError.Operation, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R

  /// The same for calls that seldom wait, on what is in memory: on a lane of an engine that has threads for what blocks
  /// they are worth no visit, and are made there.
  func visitBriefly<R: Sendable>(
    _ directory: TargetDirectory, _ operation: FileError.Operation, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R

  /// What has a name in a directory of a target tree, by statx(2) and without following it; nil if nothing has.
  ///
  /// - Parameter name: a single one, byte for byte.
  /// - Throws: what that says, with the operation ``FileError/Operation/stat``.
  func status(of name: [UInt8], in directory: TargetDirectory) async throws(FileError) -> FileStatus?

  // MARK: Copies

  /// What statx(2) says of a file; of a symbolic link, if a directory has listed it, the link's own.
  ///
  /// - Throws: what that says, with the operation ``FileError/Operation/stat``.
  func status(of file: FileReference) async throws(FileError) -> FileStatus

  /// The extended attributes of a file, its access control lists among them (xattr(7)). None where the file system has
  /// no such thing.
  ///
  /// - Throws: what listxattr(2) and getxattr(2) say, with the operation ``FileError/Operation/attributes``.
  func extendedAttributes(of file: FileReference) async throws(FileError) -> [FileAttributes.Extended]

  /// ``copyFile(from:to:options:)`` to a name in a directory of a target tree.
  ///
  /// - Parameters:
  ///   - excluded: files that are not copied (``FileError/Cause/excluded``).
  ///   - name: a single one, byte for byte.
  func copyFile(
    from source: FileReference, excluding excluded: [FileIdentity], to name: [UInt8], in directory: TargetDirectory,
    options: FileCopyOptions
  ) async throws(FileError) -> Int64

  /// Copies a regular file with its permissions and its times, atomically, and returns how many bytes it has.
  ///
  /// The kernel does it where it can: by sharing the blocks (`FICLONE`), else by copy_file_range(2), else by reading
  /// and writing. Holes of a sparse file stay holes where its file system can tell where they are (lseek(2),
  /// `SEEK_DATA`). A file without a size that does have contents (/proc) is copied to its end. A file that changes
  /// meanwhile is copied as the kernel finds it, piece by piece.
  ///
  /// A cancelled task stops between two pieces (``FileError/Cause/cancelled``).
  ///
  /// - Throws: an error with the source's path for what is wrong with the source, with the target's for all else;
  ///   ``FileError/Cause/sameFile`` if the target is the source. The temporary file is gone then.
  @discardableResult
  func copyFile(
    from source: FileReference, to target: FileReference, options: FileCopyOptions
  ) async throws(FileError) -> Int64
}
