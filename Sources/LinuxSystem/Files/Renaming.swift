import CLinuxSystem
import Glibc

/// Renames a file within an open directory unless the new name is taken (`EEXIST`): renameat2(2) with
/// `RENAME_NOREPLACE`. Where the file system has no such thing, by a link and the removal of the old name.
///
/// - Returns: 0, or -1 with the reason in `errno`.
package func renameWithoutReplacing(
  _ directory: Int32, _ name: UnsafePointer<CChar>, _ newName: UnsafePointer<CChar>
) -> Int32 {
  let result = linux_rename_new(directory, name, newName)
  if result == -EINVAL || result == -ENOSYS {
    return linkat(directory, name, directory, newName, 0) == 0 ? unlinkat(directory, name, 0) : -1
  }
  errno = -result
  return result == 0 ? 0 : -1
}
