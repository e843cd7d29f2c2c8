import LinuxSystem
import TestTurns
import Testing

@testable import MillraceCommand

@Suite(.inTurn) struct LongPathBudgetTests {
  @Test func short_names_are_not_counted() throws {
    let budget = LongPathBudget()
    for _ in 0...(LongPathBudget.limit / LongPathBudget.threshold) { budget.add(LongPathBudget.threshold) }
    #expect(budget.hasRoom)
    try budget.waitForRoom()
  }

  @Test func a_name_may_be_longer_than_what_is_left() throws {
    let budget = LongPathBudget()
    budget.add(LongPathBudget.limit - 1)
    #expect(budget.hasRoom)
    budget.add(LongPathBudget.limit)
    #expect(!budget.hasRoom)
  }

  @Test func a_source_waits_for_results() async throws {
    let budget = LongPathBudget()
    for _ in 0..<2 { budget.add(LongPathBudget.limit) }
    let (began, ended) = (Latch<Void>(), Latch<Bool>())
    try startThread(name: "source") {
      began.open(with: ())
      try? budget.waitForRoom()
      ended.open(with: budget.hasRoom)
    }
    await began.value
    for _ in 0..<2 { budget.remove(LongPathBudget.limit) }
    #expect(await ended.value)
  }

  @Test func a_cancelled_source_waits_no_longer() async {
    let budget = LongPathBudget()
    budget.add(LongPathBudget.limit)
    let source = Task {
      while !Task.isCancelled { await Task.yield() }
      try budget.waitForRoom()
    }
    source.cancel()
    await #expect(throws: CancellationError.self) { try await source.value }
  }
}
