import CUring

/// statx(2) of a path, relative to a directory's descriptor or `AT_FDCWD`, into `memory`. May wait for the disk, or for
/// the daemon or the server that answers for the file.
///
/// - Parameter followSymbolicLink: whether a link is followed; else the status is its own.
/// - Returns: 0, or a negated errno.
package func readStatus(
  _ directory: Int32, _ path: UnsafePointer<CChar>, followSymbolicLink: Bool, into memory: FileStatus.Memory
) -> Int32 {
  curing_status(directory, path, followSymbolicLink, memory.address)
}
