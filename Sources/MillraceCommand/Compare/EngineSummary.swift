import FilePipeline
import Measurement

/// The medians of the runs of one engine: a row of the table.
struct EngineSummary: Encodable {
  let type = "engine"
  let engine: String
  /// The engine that ``speedup`` is measured against.
  let baseline: String
  let wall: Double
  let wallMinimum: Double
  let wallMaximum: Double
  /// The baseline's median wall time divided by this engine's: above 1 this engine is faster.
  let speedup: Double
  let cpuSeconds: Double
  let filesPerSecond: Double
  let megabytesPerSecond: Double
  let contextSwitches: Double
  let entersPerFile: Double
  /// The members below are for jobs that write. Of `uring`: how many small files it wrote by a chain of ring
  /// operations, and how many by system calls. Large files that the kernel copied are in neither.
  var filesWrittenByChain: Double?
  var filesWrittenByCalls: Double?
  /// See ``Measurement/DeviceWrites``.
  var deviceBytes: Double?

  /// - Parameters:
  ///   - runs: at least one.
  ///   - writes: whether the job writes.
  init(_ runs: [Comparison.Run], baseline: FileEngineKind, reference: Sample, writes: Bool = false) {
    let median = { (value: (Comparison.Run) -> Double) in Sample(runs.map(value))!.median }
    let wall = Sample(runs.map { $0.run.duration.inSeconds })!
    let seconds = max(wall.median, 1e-9)
    engine = runs[0].engine.rawValue
    self.baseline = baseline.rawValue
    (self.wall, wallMinimum, wallMaximum) = (wall.median, wall.minimum, wall.maximum)
    speedup = reference.median / seconds
    cpuSeconds = median { $0.usage.cpuSeconds }
    filesPerSecond = median { Double($0.counts.files) } / seconds
    megabytesPerSecond = median { Double($0.counts.bytes) } / 1e6 / seconds
    contextSwitches = median { Double($0.usage.contextSwitches) }
    entersPerFile = median { Double($0.run.statistics.enters) / Double(max($0.counts.files, 1)) }
    if writes && runs[0].engine == .uring {
      filesWrittenByChain = median { Double($0.run.statistics.filesWrittenByChain) }
      filesWrittenByCalls = median { Double($0.run.statistics.filesWrittenByCalls) }
    }
    deviceBytes = Sample(runs.compactMap { $0.deviceBytes.map { Double($0) } })?.median
  }
}
