#if Foundation
import Foundation
import SystemPackage

extension FilePath {
  /// The path of a file URL, byte for byte as the file system gets it; nil for any other URL.
  public init?(_ url: URL) {
    guard url.isFileURL else { return nil }
    let path = url.withUnsafeFileSystemRepresentation { path in path.map { FilePath(platformString: $0) } }
    guard let path else { return nil }
    self = path
  }
}
#endif
