import Foundation
import Glibc
import SystemPackage

/// A directory of its own for one test, removed with everything in it. File names are bytes.
final class TemporaryDirectory {
  let path: String

  init() throws {
    var template = Array((NSTemporaryDirectory() + "millrace-XXXXXX").utf8CString)
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

  struct Outcome {
    let output: [UInt8]
    let errors: [UInt8]
    let status: Int32
  }

  /// Runs a line of shell in a directory beside which its output is kept, so that globs do not see it.
  func shell(_ script: String) throws -> Outcome {
    let sink = try TemporaryDirectory()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "{ \(script)\n} < /dev/null > \(sink.path)/output 2> \(sink.path)/errors"]
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    // The order of globs and the wording of messages.
    process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C"]) { $1 }
    try process.run()
    process.waitUntilExit()
    return Outcome(
      output: try sink.read("output"), errors: try sink.read("errors"), status: process.terminationStatus)
  }
}
