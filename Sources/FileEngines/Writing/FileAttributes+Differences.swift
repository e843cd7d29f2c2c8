import Glibc
import IOUring
import SystemPackage

// Whether setting attributes would change something: for runs that write nothing. They mirror `apply`.
extension FileAttributes {
  /// The extended attributes are not looked at.
  ///
  /// - Parameter byName: whether they would be given to a name, not to an open file.
  package func wouldChange(_ found: FileStatus, byName: Bool) -> Bool {
    let present = FileAttributes(found)
    var isOwners = false
    if let owner, let has = present.owner {
      if owner != has && Self.mayGive(has, to: owner) { return true }
      isOwners = owner == has
    }
    if found.kind != .symbolicLink, let permissions {
      let mask: CInterop.Mode = byName ? 0o777 : isOwners ? 0o7777 : 0o1777
      if permissions.rawValue & mask != found.permissions.rawValue { return true }
    }
    return times.map { $0.modified != found.modified } ?? false
  }

  /// Whether a file's owner, or its group alone, would be changed.
  private static func mayGive(_ file: Owner, to owner: Owner) -> Bool {
    if geteuid() == 0 { return true }
    guard file.user == geteuid(), file.group != owner.group else { return false }
    var groups = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
    let count = getgroups(Int32(groups.count), &groups)
    return owner.group == getegid() || groups.prefix(Int(max(0, count))).contains(owner.group)
  }

  /// Whether a file lacks an extended attribute or has an access control list too many.
  fileprivate func wouldChangeExtended(of file: FileDescriptor) throws(Errno) -> Bool {
    guard let extended else { return false }
    let present = try Attributed.file(file).names()
    let wanted = Set(extended.map(\.name))
    if present.contains(where: { Self.accessControl.contains($0) && !wanted.contains($0) }) { return true }
    for attribute in extended where try Attributed.file(file).value(attribute.name) != attribute.value { return true }
    return false
  }
}

extension TargetDirectory {
  /// Whether ``setAttributes(_:)`` would change something. Blocks on the disk.
  package func wouldChange(by attributes: FileAttributes) throws(FileError) -> Bool {
    try withOpened(".", O_RDONLY | O_DIRECTORY, directoryReference) { file throws(FileError) in
      let memory = FileStatus.Memory()
      do throws(Errno) {
        let result = retryOnNegatedInterrupt {
          readStatus(file.rawValue, ".", followSymbolicLink: false, into: memory)
        }
        if result < 0 { throw Errno(rawValue: -result) }
        if attributes.wouldChange(memory.status, byName: false) { return true }
        return try attributes.wouldChangeExtended(of: file)
      } catch {
        throw FileError(directoryReference, .attributes, .system(error))
      }
    }
  }
}
