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
  package struct Kinds: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    package static let owner = Kinds(rawValue: 1 << 0)
    package static let permissions = Kinds(rawValue: 1 << 1)
    package static let times = Kinds(rawValue: 1 << 2)
    package static let extended = Kinds(rawValue: 1 << 3)
  }
}
