import Glibc

/// Which operations of a loop have a time set, by the timers of the kernel that measure it.
///
/// A plain value of the loop's thread.
struct DeadlineTable {
  /// By the timers in flight.
  private var operations: [OperationID: OperationID] = [:]
  /// Their time is up, and they have not been cancelled yet.
  private var overdue: [OperationID] = []
  /// They have been cancelled because their time was up.
  private var expired: Set<OperationID> = []

  mutating func set(_ timer: OperationID, for id: OperationID) {
    operations[timer] = id
  }

  /// Takes the completion if it is a timer's.
  mutating func take(_ completion: Ring.Completion) -> Bool {
    guard let id = operations.removeValue(forKey: completion.id) else { return false }
    // Any other result is that of a timer that was cancelled.
    if completion.result == -ETIME { overdue.append(id) }
    return true
  }

  mutating func nextOverdue() -> OperationID? { overdue.popLast() }

  mutating func expire(_ id: OperationID) {
    expired.insert(id)
  }

  /// The operation has completed. Whether it had expired.
  mutating func end(_ id: OperationID) -> Bool {
    expired.remove(id) != nil
  }
}
