/// Names an operation in flight: a place in the slot table and how often that place has been used.
///
/// This, never a pointer, is what the kernel carries as `user_data`: a completion that is stale or not ours then meets
/// a generation that does not match, and does no harm.
public struct OperationID: Sendable, Hashable {
  let index: UInt32
  let generation: UInt32

  /// The bit of `user_data` that tells the completion of a cancel request from that of the operation it cancels.
  static let cancelBit: UInt64 = 1 << 31
  /// The bit that tells a message of another ring from the completion of an operation.
  private static let messageBit: UInt64 = 1 << 30
  /// Slot indices stay below both bits.
  static let maximumSlots: UInt32 = 1 << 30

  var userData: UInt64 { UInt64(generation) << 32 | UInt64(index) }

  init(index: UInt32, generation: UInt32) {
    (self.index, self.generation) = (index, generation)
  }

  init(userData: UInt64) {
    self.init(index: UInt32(truncatingIfNeeded: userData & ~Self.cancelBit), generation: UInt32(userData >> 32))
  }

  // A message's upper half travels where an operation has its generation, the lower half as the result.

  static func userData(ofMessage message: UInt64) -> UInt64 {
    message & 0xffff_ffff_0000_0000 | messageBit
  }

  /// The message in a completion, if it is one.
  static func message(userData: UInt64, result: Int32) -> UInt64? {
    guard userData & 0xffff_ffff == messageBit else { return nil }
    return userData & 0xffff_ffff_0000_0000 | UInt64(UInt32(bitPattern: result))
  }
}
