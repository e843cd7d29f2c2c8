import Glibc
import LinuxSystem
import SystemPackage

extension FileReference {
  /// Longer than what file systems keep for a link: most take no more than a path may have (`PATH_MAX`), and the kernel
  /// no more than a page.
  private static let longestLink = 1 << 20

  /// Where the symbolic link with this name leads: what it says, byte for byte, which need not exist. The name itself
  /// is not followed, whatever ``listedKind`` is. Blocks on the disk, and is not interrupted by cancelling the task.
  ///
  /// - Throws: an error of readlinkat(2): `EINVAL` if the name is no symbolic link's, or has a NUL; `ENOENT`, `EACCES`,
  ///   `EIO`; `ENAMETOOLONG` for a target of more than a megabyte; `ESTALE` if another directory has taken the place of
  ///   the one that listed the name.
  public func symbolicLinkTarget() throws(Errno) -> [UInt8] {
    var capacity = 256
    while capacity <= Self.longestLink {
      let target = try readLink(capacity)
      // The kernel says nothing of what it has cut off.
      if target.count < capacity { return target }
      capacity *= 4
    }
    throw .fileNameTooLong
  }

  /// The first `capacity` bytes at most.
  private func readLink(_ capacity: Int) throws(Errno) -> [UInt8] {
    var target = [UInt8](repeating: 0, count: capacity)
    let count = try waitingFor { directory, name in
      target.withUnsafeMutableBytes { memory in
        let bytes = memory.bindMemory(to: CChar.self).baseAddress!
        return negatedErrno { Int32(readlinkat(directory, name, bytes, capacity)) }
      }
    }
    target.removeLast(capacity - Int(count))
    return target
  }
}
