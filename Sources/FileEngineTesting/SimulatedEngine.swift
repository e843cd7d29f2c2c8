import FileEngines
import IOUring
import LinuxSystem
import Synchronization
import SystemPackage

/// An engine for tests: real files, and calls that go wrong as a seed says.
///
/// The files are those of the file system, so that what lists directories, compares with other engines, or looks at
/// what was written works with it as with any engine; only the ways of the calls are made up. Each call waits until no
/// task on the engine's lane has anything else to do, and then one of those that wait, chosen by the seed, runs. What
/// befalls a call follows from the seed, its operation, path and offset, and how often that very call has failed: it is
/// the same whatever else happens. The order is the same, too, for tasks that are all on the lane.
///
/// Print the engine when a test fails: its ``description`` has the seed.
///
/// ```swift
/// let engine = try SimulatedEngine(faults: .harmless)
/// #expect(try await sum(of: files, by: engine) == expected, "\(engine)")
/// ```
///
/// At most 10,000 calls are made to fail; after that everything works. Discarding a temporary file never fails.
public final class SimulatedEngine: FileEngine {
  /// Tasks that the engine wants on its lane, and so calls that are under way together.
  public static let defaultDepth = 32

  /// `threads`: the calls are the same system calls as that engine's.
  public let kind = FileEngineKind.threads
  public let configuration: FileEngineConfiguration
  public let plan: EnginePlan
  public let seed: UInt64
  private let root: [UInt8]
  private let lane: SimulatedLane
  private let mark = Atomic(false)
  let faultPlan: Mutex<FaultPlan>

  /// Starts the engine's thread.
  ///
  /// - Parameters:
  ///   - seed: what befalls the calls. Another one each time by default; give it the one that a failure printed.
  ///   - root: a directory whose path does not count for what befalls the files in it, so that a temporary directory
  ///     can have another name each time. Bytes of a path, without a slash at the end.
  ///   - configuration: of it count the buffer size, and the depth, which is ``defaultDepth`` if nil.
  /// - Throws: `EAGAIN` if the system has no room for a thread.
  public init(
    seed: UInt64 = .random(in: .min ... .max), faults: SimulatedFaults = SimulatedFaults(), root: [UInt8] = [],
    configuration: FileEngineConfiguration = FileEngineConfiguration()
  ) throws(Errno) {
    self.seed = seed
    self.configuration = configuration
    plan = EnginePlan(depth: max(1, configuration.depth ?? Self.defaultDepth))
    self.root = root.isEmpty ? [] : root + [UInt8(ascii: "/")]
    faultPlan = Mutex(FaultPlan(seed: seed, faults: faults))
    lane = try SimulatedLane(seed: seed, reorders: faults.reordersCompletions)
  }

  public var lanes: [FileEngineLane] {
    [FileEngineLane(executor: lane, width: plan.depth)]
  }

  public var statistics: FileEngineStatistics { FileEngineStatistics() }

  /// How many calls have failed because of the seed.
  public var failureCount: Int { faultPlan.withLock { $0.failureCount } }

  public var isShutDown: Bool { mark.load(ordering: .relaxed) }

  public func shutDown() async {
    mark.store(true, ordering: .relaxed)
    await lane.shutDown()
  }

  // MARK: Reading

  public func open(_ file: FileReference) async throws(FileError) -> OpenFile {
    try await opening(file, .open) { () throws(FileError) in try Opening.open(file) }
  }

  public func read(_ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(FileError) -> Int {
    let call = call(.read, file.reference, offset)
    if isShutDown {
      throw FileError(path: file.reference.path, operation: .read, offset: offset, cause: .engineShutDown)
    }
    return try await perform(call, file.reference) { () throws(FileError) in
      if Task.isCancelled, !faultPlan.withLock({ $0.isCancelledLate(call) }) {
        throw FileError(path: file.reference.path, operation: .read, offset: offset, cause: .cancelled)
      }
      let count = try file.readBlocking(into: buffer, at: offset)
      return faultPlan.withLock { $0.transfer(count, call) }
    }
  }

  public func close(_ file: consuming OpenFile) async {
    if lane.isCurrent { return file.closeNow() }
    await run(on: lane) { file.closeNow() }
  }

  // MARK: Every call

  /// Runs `body` on the lane when it is its turn, unless the call is made to fail.
  ///
  /// - Parameter instead: what is to be done, on the lane, if it is.
  func perform<R: ~Copyable & Sendable>(
    _ call: FaultPlan.Call, _ file: FileReference, orElse instead: () -> Void = {}, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    if lane.isCurrent { return try await performHere(call, file, instead, body) }
    return try await runAsync(on: lane) { () async throws(FileError) in
      try await performHere(call, file, instead, body)
    }
  }

  private func performHere<R: ~Copyable & Sendable>(
    _ call: FaultPlan.Call, _ file: FileReference, _ instead: () -> Void, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    await lane.waitForTurn()
    if let errno = faultPlan.withLock({ $0.failure(of: call) }) {
      instead()
      throw FileError(path: file.path, operation: call.operation, offset: call.offset, cause: .system(errno))
    }
    return try body()
  }

  func call(_ operation: FileError.Operation, _ file: FileReference, _ offset: Int64? = nil) -> FaultPlan.Call {
    let path = file.path
    return FaultPlan.Call(
      operation: operation, path: path.starts(with: root) ? Array(path.dropFirst(root.count)) : path, offset: offset)
  }
}

extension SimulatedEngine: CustomStringConvertible {
  /// The seed, how many calls it has made fail, and the last of them.
  public var description: String {
    let (count, last) = faultPlan.withLock { ($0.failureCount, $0.lastFailures) }
    let failures = count == 1 ? "1 simulated failure" : "\(count) simulated failures"
    return (["simulated engine, seed \(seed), \(failures)"] + last.map(\.description)).joined(separator: "\n  ")
  }
}
