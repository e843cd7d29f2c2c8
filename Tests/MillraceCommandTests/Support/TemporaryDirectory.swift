import Foundation
import Glibc
import SystemPackage

/// A new directory for one test, removed with its contents. File names are bytes.
final class TemporaryDirectory: Sendable {
  let path: String

  /// - Parameter parent: the parent directory, if it exists and is writable; otherwise the usual one.
  init(in parent: String? = nil) throws {
    let parent = parent.flatMap { access($0, W_OK | X_OK) == 0 ? $0 + "/" : nil } ?? NSTemporaryDirectory()
    var template = Array((parent + "millrace-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ contents: [UInt8], to name: [UInt8]) throws {
    let cPath = (bytes(path) + bytes("/") + name + [0]).map(CChar.init(bitPattern:))
    let descriptor = open(cPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    let file = FileDescriptor(rawValue: descriptor)
    try file.closeAfter { _ = try file.writeAll(contents) }
  }

  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
  }

  /// Runs a line of shell in the directory.
  func shell(_ script: String) async throws -> ChildProcess.Outcome {
    try await ChildProcess(["/bin/sh", "-c", script].map(bytes), in: self).outcome()
  }
}
