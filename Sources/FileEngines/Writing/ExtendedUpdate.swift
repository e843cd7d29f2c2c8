import Glibc
import LinuxSystem
import SystemPackage

/// Makes the extended attributes of a file those of another. What is right already is left alone.
struct ExtendedUpdate {
  typealias Name = [CChar]

  private let file: AttributedFile
  /// The mode, as it was found.
  private let mode: mode_t
  private let refusals: AttributeRefusals?
  private(set) var changes = false
  /// Whether the file had none.
  private(set) var foundNone = false
  /// The mode was changed, since it kept the owner from setting attributes.
  private(set) var changesMode = false
  /// The access control list that the file should have and cannot.
  private(set) var lostList: AccessControlList?

  init(_ file: AttributedFile, mode: mode_t, _ refusals: AttributeRefusals?) {
    (self.file, self.mode, self.refusals) = (file, mode, refusals)
  }

  mutating func make(_ wanted: [FileAttributes.Extended]) throws(Errno) {
    let extended = file.extended
    let plan = try Self.plan(extended, wanted)
    foundNone = plan.present.isEmpty
    for name in plan.surplus {
      let code = -perform { extended.remove(name) }
      if code == 0 { changes = true } else if code != ENODATA { try settle(code, name) }
    }
    for attribute in plan.missing {
      let code = -perform { extended.set(attribute.name, to: attribute.value) }
      if code == 0 {
        changes = true
      } else {
        if attribute.name == Self.accessList { lostList = AccessControlList(attribute.value) }
        try settle(code, attribute.name)
      }
    }
  }

  /// Whether there is something to be done.
  static func isNeeded(_ file: AttributedFile, _ wanted: [FileAttributes.Extended]) throws(FileError) -> Bool {
    do throws(Errno) {
      let plan = try plan(file.extended, wanted)
      return !plan.surplus.isEmpty || !plan.missing.isEmpty
    } catch {
      throw file.failure(error.rawValue)
    }
  }

  private static func plan(
    _ file: Attributed, _ wanted: [FileAttributes.Extended]
  ) throws(Errno) -> (present: [Name], surplus: [Name], missing: [FileAttributes.Extended]) {
    let present = try file.names()
    if present.isEmpty { return ([], [], wanted) }
    let surplus = present.filter { name in isRemoved(name) && !wanted.contains { $0.name == name } }
    var missing: [FileAttributes.Extended] = []
    for attribute in wanted {
      let isThere = present.contains(attribute.name)
      if isThere, try file.value(attribute.name) == attribute.value { continue }
      missing.append(attribute)
    }
    return (present, surplus, missing)
  }

  // MARK: Names

  private static let accessList = Array("system.posix_acl_access".utf8CString)
  private static let defaultList = Array("system.posix_acl_default".utf8CString)
  private static let capabilities = Array("security.capability".utf8CString)
  private static let userPrefix = prefix("user.")
  private static let trustedPrefix = prefix("trusted.")
  /// Under which XFS shows access control lists to root a second time: to remove one would remove the list.
  private static let secondListPrefix = prefix("trusted.SGI_ACL_")

  private static func prefix(_ text: String) -> Name { text.utf8.map { CChar(bitPattern: $0) } }

  /// Whether one is removed that the source lacks. A label that a security module gives each file, and what else the
  /// kernel keeps for itself, stays.
  static func isRemoved(_ name: Name) -> Bool {
    name.starts(with: userPrefix) || name.starts(with: trustedPrefix) && !name.starts(with: secondListPrefix)
      || [accessList, defaultList, capabilities].contains(name)
  }

  // MARK: Refusals

  /// Makes a call, and makes it again with the right to write if the permissions keep the owner from that: attributes
  /// of users are contents, xattr(7).
  private mutating func perform(_ call: () -> Int32) -> Int32 {
    let result = call()
    guard result == -EACCES, !changesMode, mode & 0o200 == 0, file.setMode(mode & 0o7777 | 0o200) == 0 else {
      return result
    }
    changesMode = true
    return call()
  }

  /// Throws unless that one cannot be set is no failure: the file system has no such attributes, or it is for root to
  /// set.
  private func settle(_ code: Int32, _ name: Name) throws(Errno) {
    if code == EOPNOTSUPP { return }
    guard AttributeRefusals.isRefusal(code) else { throw Errno(rawValue: code) }
    if !ProcessRights.givesFilesAway && code != EINVAL && !name.starts(with: Self.userPrefix) { return }
    guard let refusals else { throw Errno(rawValue: code) }
    refusals.note(.extended)
  }
}
