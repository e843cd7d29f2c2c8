import SystemPackage
import Testing

@testable import IOUring

/// The decisions after failures of io_uring_enter(2), without a ring.
struct EnterRetriesTests {
  @Test(arguments: [Errno.interrupted, .resourceTemporarilyUnavailable, .resourceBusy, .noMemory])
  func a_transient_error_is_retried_after_pauses_that_grow_and_then_given_up(_ error: Errno) {
    var retries = EnterRetries()
    var pauses: [Int] = []
    while case .retry(let milliseconds) = retries.decide(after: error) { pauses.append(milliseconds) }
    #expect(pauses.count == EnterRetries.limit)
    #expect(pauses.prefix(5) == [0, 0, 0, 1, 2])
    #expect(pauses == pauses.sorted())
    // Long enough for a shortage to pass, short enough to wait for the error.
    #expect((1000...2000).contains(pauses.reduce(0, +)))
  }

  @Test(arguments: [Errno.invalidArgument, .notPermitted, .lostCompletions, .badFileDescriptor, .noFunction])
  func any_other_error_is_final(_ error: Errno) {
    var retries = EnterRetries()
    #expect(retries.decide(after: error) == .giveUp)
  }

  @Test func failures_count_in_succession() {
    var retries = EnterRetries()
    for _ in 0..<100 {
      for _ in 0..<EnterRetries.limit { #expect(retries.decide(after: .noMemory) != .giveUp) }
      retries.succeed()
      #expect(retries.failures == 0)
    }
    // Whatever they are.
    for _ in 0..<EnterRetries.limit { #expect(retries.decide(after: .interrupted) != .giveUp) }
    #expect(retries.decide(after: .noMemory) == .giveUp)
  }
}
