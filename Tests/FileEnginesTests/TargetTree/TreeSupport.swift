import FileEngines
import FileTestSupport
import IOUring
import SystemPackage
import Testing

/// Which engine writes into a target tree, by which way, and where it is called.
struct TreeCase: Sendable, Codable, CustomTestStringConvertible {
  enum Way: String, Sendable, Codable {
    case ring, calls
  }

  let kind: EngineUnderTest
  let way: Way
  let place: Place

  var testDescription: String { "\(kind) \(way) \(place)" }

  static let all = EngineUnderTest.allCases.flatMap { kind in
    Place.allCases.flatMap { place in
      (kind.kind == .uring ? [Way.ring, .calls] : [.calls]).map { TreeCase(kind: kind, way: $0, place: place) }
    }
  }

  static let onLane = all.filter { $0.place == .onLane }

  var configuration: FileEngineConfiguration {
    var configuration = FileEngineConfiguration.small
    configuration.bufferSize = 64 << 10
    configuration.writes = way == .ring ? .ring : .calls
    return configuration
  }

  /// Runs `body` with an engine and the tree in a directory.
  func run(
    in directory: TemporaryDirectory, _ body: @escaping @Sendable (any FileEngine, TargetTree) async throws -> Void
  ) async throws {
    try await withEngine(kind, configuration) { engine in
      try await place.run(engine) {
        try await body(engine, engine.openTarget(FileReference(path: directory.path), creating: nil))
      }
    }
  }

  static let isShortOfDescriptors = DescriptorLimit.soft < 1024

  /// Expects that so many files have been written by the way that was asked for.
  func expectFiles(_ count: Int, of engine: any FileEngine, finishedByCalls: Int = 0) {
    // Near the limit of descriptors files go by calls, which wait for one.
    if kind.kind != .uring || Self.isShortOfDescriptors { return }
    let statistics = engine.statistics
    #expect(statistics.filesWrittenByChain == (way == .ring ? UInt64(count) : 0))
    #expect(statistics.filesWrittenByCalls == UInt64(way == .ring ? finishedByCalls : count + finishedByCalls))
  }
}

extension FileEngine {
  func write(
    _ name: [UInt8], in directory: TargetDirectory, _ bytes: [UInt8], _ options: FileWriteOptions = FileWriteOptions()
  ) async throws(FileError) {
    let buffer = IOBuffer(capacity: max(1, bytes.count))
    buffer.withMutableBytes { memory in memory.withUnsafeMutableBytes { $0.copyBytes(from: bytes) } }
    try await writeFile(name, in: directory, from: buffer, count: bytes.count, options: options)
  }

  func write(
    _ name: String, in directory: TargetDirectory, _ bytes: [UInt8], _ options: FileWriteOptions = FileWriteOptions()
  ) async throws(FileError) {
    try await write(Array(name.utf8), in: directory, bytes, options)
  }

  func directory(
    _ path: String, in tree: TargetTree, creating permissions: FilePermissions? = FilePermissions(rawValue: 0o777)
  ) async throws(FileError) -> TargetDirectory {
    try await directory(Array(path.utf8), in: tree, creating: permissions)
  }
}
