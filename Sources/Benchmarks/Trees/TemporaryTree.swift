import Foundation
import Generators
import SystemPackage

/// A directory of a measurement's own, which goes with it. It is made in `TMPDIR`, or in `/tmp`.
struct TemporaryTree {
  /// Passes a new directory's path to `body`, and removes it afterwards with all that is in it.
  static func with<R>(_ body: (String) async throws -> R) async throws -> R {
    let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var template = Array("\(parent)/millrace-benchmarks-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TreeError.call("mkdtemp", path: parent, Errno(rawValue: errno)) }
    let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    do {
      let result = try await body(path)
      try FileManager.default.removeItem(atPath: path)
      return result
    } catch {
      try? FileManager.default.removeItem(atPath: path)
      throw error
    }
  }

  /// Calls `body` with the paths if there are any, else with those of a corpus that is made for it.
  static func with<R>(_ paths: [String], orCorpusOf files: Int, _ body: ([String]) async throws -> R) async throws -> R
  {
    if !paths.isEmpty { return try await body(paths) }
    return try await with { directory in
      let root = "\(directory)/corpus"
      try Corpus(files: files).write(to: root)
      return try await body([root])
    }
  }
}
