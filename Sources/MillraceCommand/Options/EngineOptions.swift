import ArgumentParser
import FilePipeline

extension FileEngineChoice: ExpressibleByArgument {}
extension FileEngineConfiguration.PageCacheUse: ExpressibleByArgument {}
extension FileEngineConfiguration.Hardening: ExpressibleByArgument {}
extension FileEngineConfiguration.Writes: ExpressibleByArgument {}

/// How the engine is configured: the same options in every subcommand.
struct EngineTuningOptions: ParsableArguments {
  @Option(help: "Ring threads. (default: one per core)")
  var loops: Int?

  @Option(help: "Files in flight on each ring thread; for the threads engine, how many threads.")
  var depth: Int?

  @Option(help: "The size of a read, such as 128K or 1MiB.")
  var bufferSize = ByteSize(bytes: FileEngineConfiguration.defaultBufferSize)!

  @Option(help: "Read through the page cache, around it, or as suits the file.")
  var pageCache: FileEngineConfiguration.PageCacheUse = .auto

  @Option(help: "Whether the kernel is to keep the rings to the operations that they are used for.")
  var hardening: FileEngineConfiguration.Hardening = .preferred

  func validate() throws {
    if let loops, !(1...Self.mostLoops).contains(loops) {
      throw ValidationError("--loops is a number from 1 to \(Self.mostLoops).")
    }
    if let depth, !(1...Self.greatestDepth).contains(depth) {
      throw ValidationError("--depth is a number from 1 to \(Self.greatestDepth).")
    }
    if bufferSize.bytes > Self.largestBuffer {
      throw ValidationError("--buffer-size is at most \(ByteSize(bytes: Self.largestBuffer)!).")
    }
  }

  /// - Parameters:
  ///   - writes: `calls` for an engine that only reads: its rings are restricted to the operations of reading.
  ///   - pageCache: overrides the option.
  func configuration(
    writes: FileEngineConfiguration.Writes = .calls, pageCache: FileEngineConfiguration.PageCacheUse? = nil
  ) -> FileEngineConfiguration {
    FileEngineConfiguration(
      loops: loops, depth: depth, bufferSize: bufferSize.bytes, pageCache: pageCache ?? self.pageCache,
      hardening: hardening, writes: writes)
  }

  // Guesses: more of any of them would take gigabytes, and is a typing error.
  private static let mostLoops = 256
  private static let greatestDepth = 4096
  private static let largestBuffer = 64 << 20
}

/// Which engine.
///
/// No command nests option groups: in a debug build ArgumentParser searches a group five times at each level, which was
/// a third of the start-up time.
struct EngineOptions: ParsableArguments {
  @Option(
    help: """
      The engine that reads the files; auto takes what the environment variable \
      \(EngineVariable.name) names, else io_uring where it works, else threads.
      """)
  var engine: FileEngineChoice = .auto

  /// - Throws: ``EngineVariable/NamesNoEngine``.
  func source(
    _ tuning: EngineTuningOptions, writes: FileEngineConfiguration.Writes = .calls,
    pageCache: FileEngineConfiguration.PageCacheUse? = nil
  ) throws -> EngineSource {
    let choice = engine == .auto ? try EngineVariable.choice : engine
    return .choice(choice, tuning.configuration(writes: writes, pageCache: pageCache))
  }
}

/// A list of engines, such as `blocking,threads,uring`.
struct EngineList: ExpressibleByArgument {
  let kinds: [FileEngineKind]

  init?(argument: String) {
    var kinds: [FileEngineKind] = []
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let kind = FileEngineKind(rawValue: String(name)), !kinds.contains(kind) else { return nil }
      kinds.append(kind)
    }
    self.kinds = kinds
  }
}
