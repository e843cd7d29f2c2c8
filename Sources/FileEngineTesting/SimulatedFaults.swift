/// How often the calls of a ``SimulatedEngine`` go wrong. Rates are from 0, never, to 1, always, and hold for each call by
/// itself; those that can befall one call are tried in the order in which they stand here.
public struct SimulatedFaults: Sendable, Hashable {
  /// Opening a file fails with `EMFILE`, as at the process's limit on descriptors.
  public var tooManyOpenFiles = 0.0
  /// Opening, reading or writing fails with `EINTR`, as if an engine passed on what a signal does.
  public var interrupted = 0.0
  /// Opening, reading or writing fails with `EAGAIN`.
  public var tryAgain = 0.0
  /// Making a file, writing to it or setting its size fails with `ENOSPC`.
  public var noSpace = 0.0
  /// Reading, writing, synchronizing or closing what was written fails with `EIO`.
  public var inputOutput = 0.0
  /// A read or a write moves fewer bytes than it could, but at least one.
  public var shortTransfers = 0.0
  /// A read whose task is cancelled gives its bytes all the same, as one that the cancellation came too late for.
  public var lateCancellations = 0.0
  /// Whether calls that are under way together end in another order than they began.
  public var reordersCompletions = true

  /// Everything works; calls still end in any order.
  public init() {}

  /// Only what a correct caller does not notice: short transfers, another order, late cancellation.
  public static var harmless: SimulatedFaults {
    var faults = SimulatedFaults()
    faults.shortTransfers = 0.5
    faults.lateCancellations = 0.5
    return faults
  }
}
