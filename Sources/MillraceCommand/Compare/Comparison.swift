import FilePipeline
import Measurement

/// One job through several engines, in turn, round after round.
struct Comparison {
  let job: CompareJob
  let engines: [FileEngineKind]
  let rounds: Int
  /// Nil to leave the caches warm.
  let cold: ColdCaches?
  let tuning: EngineTuningOptions
  let source: SourceOptions
  /// Nil for a job that writes nothing.
  var writing: ComparisonWriting?

  struct Run: Sendable {
    let engine: FileEngineKind
    let round: Int
    let run: EngineRun.Outcome
    let counts: FileCounts
    let usage: ResourceUsage
    /// Bytes written to disks; nil for a job that writes nothing, and where the kernel does not report them.
    var deviceBytes: Int64?
  }

  struct Outcome: Sendable {
    let job: CompareJob
    let engines: [FileEngineKind]
    let coldMethod: String?
    let runs: [Run]
    let difference: ResultDifference?
    /// Nil for a job that writes nothing.
    var sync: WritingOptions.Synchronization?
    var treeDifference: TreeDifference?

    /// Files that could not be read, in each run.
    var failed: Int { runs.first?.counts.failed ?? 0 }
    var isIdentical: Bool { difference == nil && treeDifference == nil }
  }

  /// - Throws: ``FileEngineUnavailable``, and what ends a run.
  func run() async throws -> Outcome {
    var runs: [Run] = []
    var verifier = ResultVerifier()
    let plan = plan
    let room = try await writing?.folder.room()
    for (index, planned) in plan.enumerated() {
      try await prepare()
      let run = try await runOnce(planned, &verifier)
      if index == 0, let room { try await writing?.checkRoom(for: plan.count - 1, before: room) }
      if planned.round > 0 { runs.append(run) }
    }
    // Different results imply different trees.
    let treeDifference = verifier.difference == nil ? try await writing?.difference(job, plan) : nil
    return Outcome(
      job: job, engines: engines, coldMethod: cold?.method, runs: runs, difference: verifier.difference,
      sync: writing?.sync, treeDifference: treeDifference)
  }

  /// Round 0 is not counted: it fills the caches.
  private var plan: [ComparedRun] {
    ((cold == nil ? 0 : 1)...rounds).flatMap { round in engines.map { ComparedRun(engine: $0, round: round) } }
  }

  /// Writes out the dirty data of the previous run, and empties the caches.
  private func prepare() async throws {
    try Task.checkCancellation()
    try await writing?.folder.synchronize()
    try await cold?.empty()
  }

  private func runOnce(_ planned: ComparedRun, _ verifier: inout ResultVerifier) async throws -> Run {
    let pass = ComparisonPass(self, planned, verifier.pass(by: planned.engine))
    let (deviceBefore, before) = (DeviceWrites.bytes, ResourceUsage.now)
    let configuration = tuning.configuration(writes: writing?.writes ?? .calls)
    let run = try await EngineRun(.choice(.engine(planned.engine), configuration)).run { engine in
      let report = try await pass.run(engine)
      if writing?.sync == .inside { try await writing?.folder.synchronize() }
      return report
    }
    let usage = ResourceUsage.now - before
    let deviceBytes = writing == nil ? nil : DeviceWrites.bytes.flatMap { later in deviceBefore.map { later - $0 } }
    verifier.finish(pass.verification)
    return Run(
      engine: planned.engine, round: planned.round, run: run, counts: pass.counts, usage: usage,
      deviceBytes: deviceBytes)
  }
}
