/// Identifies what was pushed as one unit, an operation or a chain: the index of its slot, and how often the slot had
/// been used before.
///
/// The kernel carries this, never a pointer, in `user_data`. A completion that is stale or foreign has a generation
/// that does not match its slot's, and is dropped.
///
/// | bits of `user_data` | |
/// |---|---|
/// | 0–15 | index of the slot |
/// | 16–29 | position in the chain |
/// | 30 | set: a message of another ring |
/// | 31 | set: the completion of a cancel request |
/// | 32–63 | generation |
public struct OperationID: Sendable, Hashable {
  let index: UInt32
  let generation: UInt32

  /// More than ``Ring/Configuration/mostOperations``.
  static let maximumSlots = 1 << 16
  static let maximumChain = 1 << 14
  private static let positionShift: UInt64 = 16
  private static let messageBit: UInt64 = 1 << 30
  /// Tells the completion of a cancel request from that of the operation that it cancels.
  static let cancelBit: UInt64 = 1 << 31

  init(index: UInt32, generation: UInt32) {
    (self.index, self.generation) = (index, generation)
  }

  init(userData: UInt64) {
    index = UInt32(userData & UInt64(Self.maximumSlots - 1))
    generation = UInt32(userData >> 32)
  }

  /// - Parameter position: of the operation in its chain; 0 for a single operation.
  func userData(at position: Int = 0) -> UInt64 {
    UInt64(generation) << 32 | UInt64(position) << Self.positionShift | UInt64(index)
  }

  static func position(userData: UInt64) -> Int {
    Int(userData >> Self.positionShift & UInt64(maximumChain - 1))
  }

  // MARK: Messages

  // The upper half of a message travels in the bits of the generation, the lower half as the result.

  static func userData(ofMessage message: UInt64) -> UInt64 {
    message & 0xffff_ffff_0000_0000 | messageBit
  }

  /// The message that a completion carries; nil for the completion of an operation.
  static func message(userData: UInt64, result: Int32) -> UInt64? {
    guard userData & 0xffff_ffff == messageBit else { return nil }
    return userData & 0xffff_ffff_0000_0000 | UInt64(UInt32(bitPattern: result))
  }
}
