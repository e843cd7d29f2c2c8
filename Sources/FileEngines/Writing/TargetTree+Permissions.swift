import Glibc
import SystemPackage

/// A directory whose permissions kept its owner from writing into it, and that was opened to the owner.
package struct OpenedDirectory: Sendable {
  package let directory: TargetDirectory
  /// Those that it had.
  package let permissions: FilePermissions
}

extension TargetTree {
  /// Lets the owner, if that is this process's user, reach a name in the tree and make something there: gives the last
  /// directory on the way that is there the permissions for that, and others those to be gone through. Blocks on the
  /// disk.
  ///
  /// - Parameters:
  ///   - name: the path below the root.
  ///   - depth: how many of the last directories on the way may be opened so.
  /// - Returns: those that were, which are to be given their permissions back.
  package func openToOwner(_ name: [UInt8], depth: Int) throws(FileError) -> [OpenedDirectory] {
    let names = name.split(separator: UInt8(ascii: "/")).dropLast()
    var opened: [OpenedDirectory] = []
    for index in 0...names.count {
      let path = Array(names.prefix(index).joined(separator: CollectionOfOne(UInt8(ascii: "/"))))
      guard let directory = try? directory(path, creating: nil) else { break }
      if index < names.count - depth + 1 { continue }
      var permissions = try openToOwner(directory, .ownerExecute)
      let next = index < names.count ? try directory.status(of: Array(names[index])) : nil
      if next == nil { permissions = try openToOwner(directory, .ownerReadWriteExecute) ?? permissions }
      if let permissions { opened.append(OpenedDirectory(directory: directory, permissions: permissions)) }
    }
    return opened
  }

  /// Whether any directory was. Another task may have opened just the one that the caller has found closed.
  package var hasOpenedAny: Bool { formerPermissions.withLock { !$0.isEmpty } }

  /// Gives the owner permissions, if that is this process's user. Returns those that the directory had before the run,
  /// if it had too few.
  private func openToOwner(
    _ directory: TargetDirectory, _ wanted: FilePermissions
  ) throws(FileError) -> FilePermissions? {
    try directory.withItself { file throws(FileError) in
      let status = try file.status()
      let present = FilePermissions(rawValue: status.st_mode & 0o7777)
      if status.st_uid != ProcessRights.user || present.isSuperset(of: wanted) { return nil }
      // Noted first: whoever finds it opened finds this too.
      let former = note(present, of: FileIdentity(status))
      let result = file.setMode(present.union(wanted).rawValue)
      if result < 0 { throw file.failure(-result) }
      return former
    }
  }

  private func note(_ permissions: FilePermissions, of directory: FileIdentity) -> FilePermissions {
    formerPermissions.withLock { former in
      let first = former[directory] ?? permissions
      former[directory] = first
      return first
    }
  }
}
