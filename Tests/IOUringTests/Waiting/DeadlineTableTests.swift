import Glibc
import Testing

@testable import IOUring

struct DeadlineTableTests {
  private let operation = OperationID(index: 1, generation: 0)
  private let timer = OperationID(index: 2, generation: 0)

  private func table() -> DeadlineTable {
    var table = DeadlineTable()
    table.set(timer, for: operation)
    return table
  }

  private func completion(_ id: OperationID, _ result: Int32) -> Ring.Completion {
    Ring.Completion(id: id, result: result, buffer: nil)
  }

  @Test func operation_whose_time_is_up_is_overdue_once() {
    var table = table()
    let isTimer = table.take(completion(operation, 0))
    #expect(!isTimer)
    let (first, second) = (table.take(completion(timer, -ETIME)), table.take(completion(timer, -ETIME)))
    #expect(first && !second)
    #expect(table.nextOverdue() == operation && table.nextOverdue() == nil)
    table.expire(operation)
    let end = table.end(operation)
    #expect(end.timer == timer && end.isExpired)
    let again = table.end(operation)
    #expect(again.timer == nil && !again.isExpired)
  }

  @Test func operation_that_completes_first_has_its_timer_cancelled_and_is_not_overdue() {
    for result in [-ECANCELED, -ETIME] {
      var table = table()
      let end = table.end(operation)
      #expect(end.timer == timer && !end.isExpired)
      let isTimer = table.take(completion(timer, result))
      #expect(isTimer && table.nextOverdue() == nil)
    }
  }
}
