import SystemPackage

/// Why a tree could not be written: one line with the path first.
package enum TreeError: Error, CustomStringConvertible {
  /// A system call on `path` failed.
  case call(_ name: String, path: String, Errno)

  /// The directory was to be new, and holds something.
  case notEmpty(path: String)

  package var description: String {
    switch self {
    case .call(let name, let path, let errno): "\(path): \(name): \(errno)"
    case .notEmpty(let path): "\(path): the directory is not empty; name a new or an empty one"
    }
  }
}
