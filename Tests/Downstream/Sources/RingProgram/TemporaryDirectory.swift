import Glibc
import IOUring

/// Calls `body` with a new directory, and removes it with the files in it.
func withTemporaryDirectory(_ body: @Sendable (FilePath) async throws -> Void) async throws {
  var template = Array("/tmp/ring-program-XXXXXX".utf8CString)
  if mkdtemp(&template) == nil { throw Errno(rawValue: errno) }
  let path = template.withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
  defer { remove(path) }
  try await body(path)
}

private func remove(_ directory: FilePath) {
  directory.withPlatformString { path in
    if let stream = opendir(path) {
      defer { closedir(stream) }
      while let entry = readdir(stream) {
        withUnsafePointer(to: &entry.pointee.d_name) { name in
          name.withMemoryRebound(to: CChar.self, capacity: 256) { _ = unlinkat(dirfd(stream), $0, 0) }
        }
      }
    }
    rmdir(path)
  }
}
