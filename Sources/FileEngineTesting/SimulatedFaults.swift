/// How often the calls of a ``SimulatedEngine`` go wrong. Rates are from 0, never, to 1, always, and hold for each call
/// by itself; those that can befall one call are tried in the order in which they stand here.
public struct SimulatedFaults: Sendable, Hashable {
  /// Opening or making a file fails with `EMFILE`, as at the process's limit on descriptors.
  public var tooManyOpenFiles = 0.0
  /// Opening, making, reading, writing or copying fails with `EINTR`, as if an engine passed on what a signal does.
  public var interrupted = 0.0
  /// The same calls fail with `EAGAIN`.
  public var tryAgain = 0.0
  /// Making a file, writing to it, setting its size, giving it its name or copying to it fails with `ENOSPC`.
  public var noSpace = 0.0
  /// Reading, writing, copying, synchronizing, closing what was written or giving it its name fails with `EIO`.
  public var inputOutput = 0.0
  /// A read, a write or a piece of a copy moves fewer bytes than it could, but at least one.
  public var shortTransfers = 0.0
  /// A read, or a piece of a copy, whose task is cancelled gives its bytes all the same, as one that the cancellation
  /// came too late for. (Writes always do, in every engine.)
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
