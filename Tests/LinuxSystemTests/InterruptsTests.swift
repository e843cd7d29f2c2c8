import Glibc
import Testing

@testable import LinuxSystem

struct InterruptsTests {
  @Test func call_is_made_again_as_often_as_a_signal_may_interrupt_it() {
    var left = Interrupts.mostRetries
    let result = retryOnInterrupt { () -> Int in
      left -= 1
      errno = EINTR
      return left < 0 ? 7 : -1
    }
    #expect(result == 7 && left == -1)
  }

  @Test func call_that_is_interrupted_for_ever_fails_with_it() {
    var calls = 0
    let result = negatedErrno {
      calls += 1
      errno = EINTR
      return -1
    }
    #expect(result == -EINTR && calls == Interrupts.mostRetries + 1)
  }

  @Test func call_that_answers_its_errno_is_made_again_too() {
    var calls = 0
    let answers: [Int32] = [-EINTR, -EINTR, -EIO]
    let result = retryOnNegatedInterrupt { () -> Int32 in
      calls += 1
      return answers[calls - 1]
    }
    #expect(result == -EIO && calls == 3)
    let last = retryOnNegatedInterrupt { -EINTR }
    #expect(last == -EINTR)
  }
}
