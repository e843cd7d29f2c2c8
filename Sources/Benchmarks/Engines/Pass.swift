import CMallocCount
import FilePipeline
import FileStages
import Glibc
import Synchronization

/// One run of a job over trees, in this process.
struct Pass {
  let reader: Reader
  let job: Job
  /// The trees; of a copy the target too, at the end.
  let paths: [String]
  /// Files in flight; nil for the engine's own choice.
  let depth: Int?
  /// What was found and done.
  struct Report: Codable {
    let files: Int
    let bytes: Int64
    /// The sum of all digests, which does not depend on the order of the files.
    let fingerprint: UInt64
    /// Calls of io_uring_enter(2).
    let enters: UInt64
    /// Heap allocations of all threads; nil where they cannot be counted.
    let allocations: Int?
    /// The most memory that was resident, in bytes.
    let peakMemory: Int?
  }

  /// - Throws: the error of a single file, too: a reader that fails on some files has less to do than the others.
  func run() async throws -> Report {
    let before = malloc_total()
    let (tally, enters) =
      switch reader {
      case .uring: try await pipeline(.uring)
      case .threads: try await pipeline(.threads)
      case .blocking: try await pipeline(.blocking)
      case .pread: (try PlainLoop(job: job).run(paths), UInt64(0))
      }
    let allocations = malloc_total() - before
    return Report(
      files: tally.files, bytes: tally.bytes, fingerprint: tally.fingerprint, enters: enters,
      allocations: before < 0 ? nil : allocations, peakMemory: Self.peakMemory)
  }

  private func pipeline(_ engine: FileEngineChoice) async throws -> (Tally, UInt64) {
    let tally = Mutex(Tally())
    let enters = try await withFileEngine(.choice(engine, FileEngineConfiguration(depth: depth))) { engine in
      let roots = paths.map { Array($0.utf8) }
      let files = FilePipeline(.walk(roots), engine: .engine(engine))
      switch job {
      case .read:
        try await files.reduce { NothingReducer() }.forEach { result in
          _ = try result.value
          tally.withLock { $0.add(bytes: result.byteCount) }
        }
      case .hash:
        try await files.reduce { DigestReducer(.sha256) }.forEach { result in
          let digest = try result.value
          tally.withLock { $0.add(bytes: result.byteCount, digest) }
        }
      case .copy:
        try await FilePipeline(.walk(Array(roots.dropLast()), .copying), engine: .engine(engine))
          .copy(to: FilePath(paths.last ?? "")).forEach { result in
            let copied = try result.value
            if copied.kind == .regular { tally.withLock { $0.add(bytes: copied.byteCount) } }
          }
      }
      return engine.statistics.enters
    }
    return (tally.withLock { $0 }, enters)
  }

  /// The high-water mark of this program alone: what getrusage(2) tells includes the one that started it.
  private static var peakMemory: Int? {
    guard let file = fopen("/proc/self/status", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      if text.hasPrefix("VmHWM:") { return text.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1024 } }
    }
    return nil
  }
}

/// What a pass adds up.
struct Tally {
  private(set) var files = 0
  private(set) var bytes: Int64 = 0
  private(set) var fingerprint: UInt64 = 0

  mutating func add(bytes: Int64, _ digest: Digest? = nil) {
    files += 1
    self.bytes += bytes
    digest?.withBytes { fingerprint &+= $0.unsafeLoadUnaligned(as: UInt64.self) }
  }
}

/// Looks at nothing: what is left is the reading.
private struct NothingReducer: ByteReducer {
  mutating func update(_ bytes: RawSpan) {}
  mutating func finish() {}
}
