import FileEngines

extension FileEngineConfiguration {
  /// Small enough that a test's files take several reads, and that its engine starts few threads.
  public static let small = FileEngineConfiguration(loops: 2, depth: 8, bufferSize: 4096)

  public static func small(bufferSize: Int = 4096, pageCache: PageCacheUse = .auto) -> FileEngineConfiguration {
    FileEngineConfiguration(loops: 2, depth: 8, bufferSize: bufferSize, pageCache: pageCache)
  }
}

/// Where a test calls an engine.
public enum Place: String, Sendable, CaseIterable, Codable {
  case onLane, offLane

  /// Runs `body` on the engine's first lane, or on Swift's own threads.
  public func run<R: Sendable>(
    _ engine: any FileEngine, _ body: @escaping @Sendable () async throws -> R
  ) async throws -> R {
    let executor = self == .onLane ? engine.lanes[0].executor : nil
    return try await Task(executorPreference: executor) { try await body() }.value
  }
}

extension FileEngine {
  /// The whole file, and the sizes of the pieces that it came in.
  public func contents(_ file: FileReference) async throws(FileError) -> (bytes: [UInt8], pieces: [Int]) {
    var bytes: [UInt8] = []
    var pieces: [Int] = []
    try await FileReader(self).readAll(file) { piece in
      piece.withUnsafeBytes { bytes.append(contentsOf: $0) }
      pieces.append(piece.byteCount)
    }
    return (bytes, pieces)
  }

  public func contents(_ path: [UInt8]) async throws(FileError) -> [UInt8] {
    try await contents(FileReference(path: path)).bytes
  }
}

extension FileReader {
  /// Calls `body` with every piece of the file.
  @discardableResult
  public func readAll(_ file: FileReference, _ body: (RawSpan) -> Void) async throws(FileError) -> Int64 {
    try await read(file) { piece in
      body(piece)
      return .more
    }
  }
}

/// The error that `body` throws.
public func failure(_ body: () async throws -> Void) async throws -> FileError {
  do {
    try await body()
  } catch let error as FileError {
    return error
  }
  throw NoFailure()
}

private struct NoFailure: Error {}
