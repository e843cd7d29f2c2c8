import Glibc
import LinuxSystem
import SystemPackage

// Whether setting attributes would change something: for runs that write nothing. They mirror `apply`.
extension FileAttributes {
  /// The extended attributes are not looked at.
  func wouldChange(_ found: FileStatus) -> Bool {
    let present = FileAttributes(found)
    var isOwners = false
    if let owner, let has = present.owner {
      if owner != has && Self.mayGive(has, to: owner) { return true }
      isOwners = owner == has
    }
    if found.kind != .symbolicLink, let permissions {
      let mask: CInterop.Mode = isOwners ? 0o7777 : 0o1777
      if permissions.rawValue & mask != found.permissions.rawValue { return true }
    }
    return times.map { $0.modification != found.times.modification } ?? false
  }

  /// Whether a file's owner, or its group alone, would be changed.
  private static func mayGive(_ file: Owner, to owner: Owner) -> Bool {
    if ProcessRights.givesFilesAway { return true }
    guard file.user == ProcessRights.user, file.group != owner.group else { return false }
    var groups = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
    let count = getgroups(Int32(groups.count), &groups)
    return owner.group == getegid() || groups.prefix(Int(max(0, count))).contains(owner.group)
  }
}

extension TargetDirectory {
  /// Whether ``setAttributes(_:)`` would change something. Blocks on the disk.
  package func wouldChange(by attributes: FileAttributes) throws(FileError) -> Bool {
    try withItself { file throws(FileError) in
      let memory = FileStatus.Memory()
      let result = retryOnNegatedInterrupt {
        readStatus(file.descriptor.rawValue, ".", followSymbolicLink: false, into: memory)
      }
      if result < 0 { throw file.failure(-result) }
      if attributes.wouldChange(memory.status) { return true }
      return try attributes.extended.map { extended throws(FileError) in
        try ExtendedUpdate.isNeeded(file, extended)
      } ?? false
    }
  }
}
