import Testing

@testable import FileEngineTesting

@Suite
struct FaultPlanTests {
  private func call(_ number: Int, at offset: Int64? = 0) -> FaultPlan.Call {
    FaultPlan.Call(operation: .read, path: Array("\(number)".utf8), offset: offset)
  }

  private func plan(seed: UInt64 = 7, _ change: (inout SimulatedFaults) -> Void) -> FaultPlan {
    var faults = SimulatedFaults()
    change(&faults)
    return FaultPlan(seed: seed, faults: faults)
  }

  @Test func nothing_fails_without_a_rate() {
    var plan = plan { _ in }
    #expect((0..<1000).allSatisfy { plan.failure(of: call($0)) == nil && plan.transfer(100, call($0)) == 100 })
    #expect(plan.failureCount == 0)
  }

  @Test func what_befalls_a_call_does_not_depend_on_the_others() {
    let failing = { (numbers: [Int], seed: UInt64) -> Set<Int> in
      var plan = plan(seed: seed) { $0.inputOutput = 0.5 }
      return Set(numbers.filter { plan.failure(of: call($0)) != nil })
    }
    let numbers = Array(0..<1000)
    #expect(failing(numbers, 7) == failing(numbers.reversed(), 7))
    #expect(failing(numbers, 7).filter { $0 < 10 } == failing(Array(0..<10), 7))
    #expect(failing(numbers, 7) != failing(numbers, 8))
  }

  @Test func failures_come_at_about_their_rate() {
    var plan = plan { $0.inputOutput = 0.25 }
    let count = (0..<4000).count { plan.failure(of: call($0)) != nil }
    // Five standard deviations of 27.
    #expect((865...1135).contains(count))
  }

  @Test func call_that_is_repeated_succeeds_in_the_end() {
    var plan = plan { $0.interrupted = 0.9 }
    var attempts = 0
    while plan.failure(of: call(1)) != nil { attempts += 1 }
    #expect(attempts < FaultPlan.mostFailures)
  }

  @Test func failures_and_what_is_told_of_them_are_bounded() {
    var plan = plan { $0.interrupted = 1 }
    for number in 0..<FaultPlan.mostFailures { #expect(plan.failure(of: call(number)) == .interrupted) }
    #expect(plan.failure(of: call(0)) == nil)
    #expect(plan.lastFailures.count == FaultPlan.mostTold)
  }

  @Test func short_transfers_move_at_least_one_byte_and_not_all() {
    let plan = plan { $0.shortTransfers = 1 }
    for number in 0..<1000 {
      #expect((1..<2).contains(plan.transfer(2, call(number))))
      #expect((1..<100).contains(plan.transfer(100, call(number))))
      #expect(plan.transfer(1, call(number)) == 1 && plan.transfer(0, call(number)) == 0)
    }
  }
}
