import Glibc

/// Which operations of a loop have a deadline, and the kernel's timers that measure them.
///
/// A plain value of the loop's thread. No step depends on how many deadlines there are.
struct DeadlineTable {
  /// By the timers in flight.
  private var operations: [OperationID: OperationID] = [:]
  /// By the operations that have not been ended.
  private var timers: [OperationID: OperationID] = [:]
  /// Their time is up, and they have not been cancelled yet.
  private var overdue: [OperationID] = []
  /// They have been cancelled because their time was up.
  private var expired: Set<OperationID> = []

  mutating func set(_ timer: OperationID, for id: OperationID) {
    operations[timer] = id
    timers[id] = timer
  }

  /// Takes a completion if it is a timer's.
  mutating func take(_ completion: Ring.Completion) -> Bool {
    guard let id = operations.removeValue(forKey: completion.id) else { return false }
    // Every other result is that of a cancelled timer. The operation may have ended meanwhile.
    if completion.result == -ETIME, timers[id] != nil { overdue.append(id) }
    return true
  }

  mutating func nextOverdue() -> OperationID? { overdue.popLast() }

  /// The operation is cancelled because its time is up.
  mutating func expire(_ id: OperationID) {
    expired.insert(id)
  }

  /// The operation has completed.
  ///
  /// - Returns: its timer, and whether it was cancelled because its time was up.
  mutating func end(_ id: OperationID) -> (timer: OperationID?, isExpired: Bool) {
    (timers.removeValue(forKey: id), expired.remove(id) != nil)
  }
}
