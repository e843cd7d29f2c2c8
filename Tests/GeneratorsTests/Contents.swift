import FileTestSupport
import Foundation

extension TemporaryDirectory {
  /// The bytes of all regular files below a directory, by their paths from there.
  func contents(below root: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
      let url = URL(fileURLWithPath: "\(root)/\(path)")
      if try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
        files[path] = [UInt8](try Data(contentsOf: url))
      }
    }
    return files
  }
}
