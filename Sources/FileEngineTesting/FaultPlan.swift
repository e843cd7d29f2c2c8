import FileEngines
import SystemPackage

/// Decides what becomes of each call. What it says of a call follows from the seed, the call's operation, path and offset, and
/// how often just this call has failed before: not from what other calls there are, or in which order they come.
struct FaultPlan {
  /// After so many failures everything works: what is remembered of them is bounded, and so is a caller that repeats until
  /// it succeeds.
  static let mostFailures = 10_000
  /// Failures that the description tells of, the last ones.
  static let mostTold = 8

  struct Call: Hashable {
    let operation: FileError.Operation
    let path: [UInt8]
    let offset: Int64?
  }

  let seed: UInt64
  let faults: SimulatedFaults
  private(set) var failureCount = 0
  private(set) var lastFailures: [FileError] = []
  /// How often each call has failed.
  private var failures: [Call: UInt64] = [:]

  init(seed: UInt64, faults: SimulatedFaults) {
    self.seed = seed
    self.faults = faults
  }

  /// The errno that the call fails with; nil if it does not.
  mutating func failure(of call: Call) -> Errno? {
    if failureCount == Self.mostFailures { return nil }
    var random = random(for: call, salt: 0)
    for (errno, rate, operations) in kinds where operations.contains(call.operation) {
      if !random.hits(rate) { continue }
      failures[call, default: 0] += 1
      failureCount += 1
      lastFailures = (lastFailures + [FileError(call, errno)]).suffix(Self.mostTold)
      return errno
    }
    return nil
  }

  /// How many of `count` bytes, at least 1, are moved.
  func transfer(_ count: Int, _ call: Call) -> Int {
    var random = random(for: call, salt: 1)
    return count > 1 && random.hits(faults.shortTransfers) ? Int.random(in: 1..<count, using: &random) : count
  }

  /// Whether the cancellation of a read comes too late.
  func isCancelledLate(_ call: Call) -> Bool {
    var random = random(for: call, salt: 2)
    return random.hits(faults.lateCancellations)
  }

  private var kinds: [(errno: Errno, rate: Double, operations: Set<FileError.Operation>)] {
    [
      (.tooManyOpenFiles, faults.tooManyOpenFiles, [.open, .create]),
      (.interrupted, faults.interrupted, [.open, .read, .write]),
      (.resourceTemporarilyUnavailable, faults.tryAgain, [.open, .read, .write]),
      (.noSpace, faults.noSpace, [.create, .write, .truncate]),
      (.ioError, faults.inputOutput, [.read, .write, .sync, .close]),
    ]
  }

  private func random(for call: Call, salt: UInt64) -> SplitMix64 {
    var hash = FNV1a()
    hash.add(seed)
    hash.add(salt)
    for byte in call.operation.rawValue.utf8 { hash.add(byte) }
    for byte in call.path { hash.add(byte) }
    hash.add(UInt64(bitPattern: call.offset ?? -1))
    hash.add(failures[call] ?? 0)
    return SplitMix64(state: hash.value)
  }
}

extension FileError {
  init(_ call: FaultPlan.Call, _ errno: Errno) {
    self.init(path: call.path, operation: call.operation, offset: call.offset, cause: .system(errno))
  }
}

/// The hash FNV-1a of 64 bits (draft-eastlake-fnv), which, unlike Swift's own, is the same in every process.
private struct FNV1a {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
  }

  mutating func add(_ number: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
  }
}

/// SplitMix64, Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// True at the rate given, from 0 to 1.
  mutating func hits(_ rate: Double) -> Bool {
    rate > 0 && Double.random(in: 0..<1, using: &self) < rate
  }
}
