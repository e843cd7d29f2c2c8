import FileEngines
import FileTestSupport
import Glibc
import IOUring
import SystemPackage
import Testing

/// Whether a temporary file has a name before it is complete.
enum Temporary: String, Sendable, CaseIterable, Codable {
  case unnamed, named

  func options(_ change: (inout FileWriteOptions) -> Void = { _ in }) -> FileWriteOptions {
    var options = FileWriteOptions()
    options.needsHiddenName = self == .named
    change(&options)
    return options
  }

  func copyOptions(_ change: (inout FileCopyOptions) -> Void = { _ in }) -> FileCopyOptions {
    var options = FileCopyOptions()
    options.needsHiddenName = self == .named
    change(&options)
    return options
  }
}

/// Where an engine runs, and how its temporary files are made.
struct Circumstances: Sendable, Codable, CustomTestStringConvertible {
  let kind: EngineUnderTest
  let place: Place
  let temporary: Temporary

  var testDescription: String { "\(kind) \(place) \(temporary)" }

  static let all = EngineUnderTest.allCases.flatMap { kind in
    Place.allCases.flatMap { place in
      Temporary.allCases.map { Circumstances(kind: kind, place: place, temporary: $0) }
    }
  }
}

extension FileEngine {
  /// Writes as often as it takes: a write may move fewer bytes than it was asked to, but at least one.
  func writeAll(
    _ file: borrowing WritableFile, from buffer: IOBuffer, range: Range<Int>, at offset: Int64
  ) async throws(FileError) {
    var rest = range
    while !rest.isEmpty {
      let place = offset + Int64(rest.lowerBound - range.lowerBound)
      let count = try await write(file, from: buffer, range: rest, at: place)
      #expect((1...rest.count).contains(count))
      rest = rest.dropFirst(count)
    }
  }

  func appendAll(_ file: borrowing WritableFile, from buffer: IOBuffer, range: Range<Int>) async throws(FileError) {
    var rest = range
    while !rest.isEmpty {
      let count = try await append(file, from: buffer, range: rest)
      #expect((1...rest.count).contains(count))
      rest = rest.dropFirst(count)
    }
  }
}

extension TemporaryDirectory {
  /// What is in the file, read the plain way.
  func bytes(_ name: String) throws -> [UInt8] {
    let descriptor = try FileDescriptor.open(FilePath("\(string)/\(name)"), .readOnly)
    defer { try? descriptor.close() }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
      if count == 0 { return bytes }
      bytes += buffer.prefix(count)
    }
  }

  func contains(_ name: String, _ bytes: [UInt8]) throws -> Bool { try self.bytes(name) == bytes }

  /// The names in it, sorted, as far as they are text.
  var listing: [String] {
    TemporaryDirectory.names(in: path).map { String(decoding: $0, as: UTF8.self) }.sorted()
  }

  /// Not through a link.
  func status(_ name: String) -> stat {
    var status = stat()
    _ = path(name).withCString { lstat($0, &status) }
    return status
  }

  func permissions(_ name: String) -> mode_t { status(name).st_mode & 0o7777 }

  func setPermissions(_ name: String, _ mode: mode_t) { _ = path(name).withCString { chmod($0, mode) } }

  func reference(_ name: String) -> FileReference { FileReference(path: path(name)) }
}
