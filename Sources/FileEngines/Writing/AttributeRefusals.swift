import Glibc
import Synchronization

/// Attributes that the kernel has refused to set on a file: by a file system that does not have them (vfat), a server
/// that does not trust this machine's root (NFS), or a user namespace that does not know the owner.
///
/// A copy hands it to ``FileAttributes/refusals``, so that such a file is written all the same. One of a task's own.
package final class AttributeRefusals: Sendable {
  private let noted = Atomic<UInt8>(0)

  package init() {}

  package var kinds: FileAttributes.Kinds { FileAttributes.Kinds(rawValue: noted.load(ordering: .relaxed)) }

  package func clear() { noted.store(0, ordering: .relaxed) }

  func note(_ kinds: FileAttributes.Kinds) { noted.bitwiseOr(kinds.rawValue, ordering: .relaxed) }

  /// Whether an errno says that the attribute cannot be had, and not that something has gone wrong.
  static func isRefusal(_ code: Int32) -> Bool { [EPERM, EACCES, EINVAL, EOVERFLOW, EOPNOTSUPP].contains(code) }
}

extension AttributeRefusals: Hashable {
  package static func == (a: AttributeRefusals, b: AttributeRefusals) -> Bool { a === b }

  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension FileAttributes {
  /// Kinds of attributes.
  public struct Kinds: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// User and group.
    public static let owner = Kinds(rawValue: 1 << 0)
    /// The set-user-ID, set-group-ID and sticky bits included.
    public static let permissions = Kinds(rawValue: 1 << 1)
    /// Of the last access and the last modification, to the nanosecond.
    public static let times = Kinds(rawValue: 1 << 2)
    /// Extended attributes and access control lists, xattr(7).
    public static let extended = Kinds(rawValue: 1 << 3)
    public static let all: Kinds = [.owner, .permissions, .times, .extended]
  }
}
