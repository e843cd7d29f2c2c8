import SystemPackage

/// What an access control list says of its file's own group, read from the extended attribute that the kernel keeps it
/// in (`struct posix_acl_xattr_header` of <linux/posix_acl_xattr.h>).
struct AccessControlList {
  private enum Tag: UInt16 {
    case owningGroup = 0x04
    case mask = 0x10
  }

  private static let version: UInt32 = 2
  private static let (headerSize, entrySize) = (4, 8)

  /// Read, write and execute as the last three bits. Nil if it has no such entry.
  let owningGroup: UInt16?
  /// What entries of groups and of further users are limited to; nil if they are not.
  let mask: UInt16?

  /// Nil for what is no such list.
  init?(_ value: [UInt8]) {
    guard value.count >= Self.headerSize, (value.count - Self.headerSize).isMultiple(of: Self.entrySize),
      Self.number(value[0..<4]) == Self.version
    else { return nil }
    var permissions: [UInt16: UInt16] = [:]
    for start in stride(from: Self.headerSize, to: value.count, by: Self.entrySize) {
      let tag = UInt16(Self.number(value[start..<(start + 2)]))
      permissions[tag] = UInt16(Self.number(value[(start + 2)..<(start + 4)]))
    }
    (owningGroup, mask) = (permissions[Tag.owningGroup.rawValue], permissions[Tag.mask.rawValue])
  }

  /// The permissions of a file that loses its list. With it, those of the group are the list's mask.
  func withoutList(_ permissions: FilePermissions) -> FilePermissions {
    guard let owningGroup else { return permissions }
    let group = owningGroup & (mask ?? 0o7) & 0o7
    return FilePermissions(rawValue: permissions.rawValue & ~0o070 | CInterop.Mode(group) << 3)
  }

  /// Little-endian on every machine.
  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
