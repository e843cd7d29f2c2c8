import FileEngines
import SystemPackage

/// Decides what becomes of each call. What it says of a call follows from the seed, the call's operation, path and
/// offset, and how often just this call has failed before: not from what other calls there are, or in which order they
/// come.
struct FaultPlan {
  /// After so many failures everything works: what is remembered of them is bounded, and so is a caller that repeats
  /// until it succeeds.
  static let mostFailures = 10_000
  /// Failures that the description tells of, the last ones.
  static let mostTold = 8

  struct Call: Hashable {
    let operation: FileError.Operation
    let path: [UInt8]
    let offset: Int64?
    /// Of all three, the same in every process. A path may be long.
    private let digest: UInt64

    init(operation: FileError.Operation, path: [UInt8], offset: Int64?) {
      (self.operation, self.path, self.offset) = (operation, path, offset)
      var digest = Digest()
      digest.add(Array(operation.rawValue.utf8))
      digest.add(path)
      digest.add(UInt64(bitPattern: offset ?? -1))
      self.digest = digest.value
    }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    /// For one decision about the call.
    func random(_ numbers: UInt64...) -> SplitMix64 {
      var digest = Digest()
      for number in numbers { digest.add(number) }
      digest.add(self.digest)
      return SplitMix64(state: digest.value)
    }
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

  /// Whether the cancellation of a read, or of a piece of a copy, comes too late.
  func isCancelledLate(_ call: Call) -> Bool {
    var random = random(for: call, salt: 2)
    return random.hits(faults.lateCancellations)
  }

  private var kinds: [(errno: Errno, rate: Double, operations: Set<FileError.Operation>)] {
    [
      (.tooManyOpenFiles, faults.tooManyOpenFiles, [.open, .create]),
      (.interrupted, faults.interrupted, [.open, .create, .read, .write, .copy]),
      (.resourceTemporarilyUnavailable, faults.tryAgain, [.open, .create, .read, .write, .copy]),
      (.noSpace, faults.noSpace, [.create, .write, .truncate, .rename, .copy]),
      (.ioError, faults.inputOutput, [.read, .write, .sync, .close, .rename, .copy]),
    ]
  }

  private func random(for call: Call, salt: UInt64) -> SplitMix64 {
    call.random(seed, salt, failures[call] ?? 0)
  }
}

extension FileError {
  init(_ call: FaultPlan.Call, _ errno: Errno) {
    self.init(path: call.path, operation: call.operation, offset: call.offset, cause: .system(errno))
  }
}

/// A hash that, unlike Swift's own, is the same in every process: each word is mixed in by SplitMix64's function.
private struct Digest {
  private(set) var value: UInt64 = 0

  mutating func add(_ number: UInt64) {
    var mixed = SplitMix64(state: value ^ number)
    value = mixed.next()
  }

  mutating func add(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      let words = bytes.count / 8
      for word in 0..<words { add(bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self).littleEndian) }
      var rest: UInt64 = 0
      for byte in bytes[(8 * words)...] { rest = rest << 8 | UInt64(byte) }
      add(rest)
    }
    add(UInt64(bytes.count))
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
