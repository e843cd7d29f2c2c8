import CLinuxSystem
import Glibc
import SystemPackage

// Extended attributes, xattr(7), among which access control lists are. The calls may wait for the disk.

/// What has extended attributes.
package enum Attributed {
  case file(FileDescriptor)
  /// What a descriptor only names (`O_PATH`), which may be a symbolic link or a special file.
  case named(FileDescriptor)
  /// A path, whose last name is followed if it is a symbolic link and `follow` says so.
  case path(UnsafePointer<CChar>, follow: Bool)

  private var place: linux_attributed {
    switch self {
    case .file(let file): linux_attributed(fd: file.rawValue, path_only: false, path: nil, follow: false)
    case .named(let file): linux_attributed(fd: file.rawValue, path_only: true, path: nil, follow: false)
    case .path(let path, let follow): linux_attributed(fd: -1, path_only: false, path: path, follow: follow)
    }
  }

  /// What the kernel takes for a value or a list of names (`XATTR_SIZE_MAX`, `XATTR_LIST_MAX`).
  private static let most = 65536

  /// The names, each with a NUL behind it. None where the file system has no such attributes.
  ///
  /// - Throws: what listxattr(2) says.
  package func names() throws(Errno) -> [[CChar]] {
    let list = try contents { linux_list_attributes(place, $0, $1) } ?? []
    return list.split(separator: 0).map { $0.map { CChar(bitPattern: $0) } + [0] }
  }

  /// Nil if there is none.
  ///
  /// - Throws: what getxattr(2) says.
  package func value(_ name: [CChar]) throws(Errno) -> [UInt8]? {
    try contents { linux_get_attribute(place, name, $0, $1) }
  }

  /// Asks how long it is first: mostly there is nothing.
  private func contents(_ call: (UnsafeMutablePointer<CChar>?, Int) -> Int64) throws(Errno) -> [UInt8]? {
    var result = call(nil, 0)
    if result == 0 { return [] }
    if result > 0 {
      var bytes = [UInt8](repeating: 0, count: Int(result))
      // Behind a value that has grown meanwhile, room for any.
      for count in [bytes.count, Self.most] {
        bytes = [UInt8](repeating: 0, count: count)
        result = bytes.withUnsafeMutableBytes { call($0.bindMemory(to: CChar.self).baseAddress, count) }
        if result >= 0 { return Array(bytes.prefix(Int(result))) }
        if result != Int64(-ERANGE) { break }
      }
    }
    if [ENODATA, EOPNOTSUPP, ENOSYS].contains(Int32(-result)) { return nil }
    throw Errno(rawValue: Int32(-result))
  }

  /// setxattr(2).
  ///
  /// - Returns: 0, or a negated errno.
  package func set(_ name: [CChar], to value: [UInt8]) -> Int32 {
    value.withUnsafeBytes { linux_set_attribute(place, name, $0.baseAddress, $0.count) }
  }

  /// removexattr(2).
  ///
  /// - Returns: 0, or a negated errno.
  package func remove(_ name: [CChar]) -> Int32 {
    linux_remove_attribute(place, name)
  }
}
