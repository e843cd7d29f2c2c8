import Testing

@testable import AsyncPipeline

@Suite
struct TokenBucketTests {
  @Test func elements_pass_at_the_rate() {
    var bucket = TokenBucket(rate: 10, burst: .zero)
    for number in 0..<5 {
      let time = Duration.milliseconds(100 * number)
      #expect(bucket.pass(1, at: time) == .passed)
      #expect(bucket.pass(1, at: time) == .until(time + .milliseconds(100)))
    }
  }

  @Test func element_passes_at_the_announced_time_at_any_rate() {
    for rate in [1, 3, 7, 999, 1_000_003, .max] {
      var bucket = TokenBucket(rate: rate, burst: .zero)
      #expect(bucket.pass(5, at: .zero) == .passed)
      guard case .until(let time) = bucket.pass(1, at: .zero) else {
        Issue.record("the debt at \(rate) per second is not paid at the announced time")
        continue
      }
      #expect(bucket.pass(1, at: time) == .passed)
    }
  }

  @Test func heavy_element_passes_and_is_paid_for_afterwards() {
    var bucket = TokenBucket(rate: 10, burst: .zero)
    #expect(bucket.pass(35, at: .zero) == .passed)
    #expect(bucket.pass(1, at: .seconds(1)) == .until(.milliseconds(3_500)))
    #expect(bucket.pass(1, at: .milliseconds(3_500)) == .passed)
  }

  @Test func unused_time_is_made_up_for_within_the_burst() {
    var bucket = TokenBucket(rate: 10, burst: .milliseconds(300))
    let now = Duration.seconds(1_000_000)
    // Three saved tokens, and one element that is paid for afterwards.
    for _ in 0..<4 { #expect(bucket.pass(1, at: now) == .passed) }
    #expect(bucket.pass(1, at: now) == .until(now + .milliseconds(100)))
  }

  @Test func change_of_the_rate_applies_to_the_debt() {
    var bucket = TokenBucket(rate: 10, burst: .zero)
    #expect(bucket.pass(10, at: .zero) == .passed)
    bucket.set(perSecond: 100, at: .milliseconds(500))
    #expect(bucket.pass(1, at: .milliseconds(500)) == .until(.milliseconds(550)))
    bucket.set(perSecond: 0, at: .milliseconds(530))
    #expect(bucket.pass(1, at: .seconds(5)) == .stopped)
    bucket.set(perSecond: 1, at: .seconds(5))
    #expect(bucket.pass(1, at: .seconds(5)) == .until(.seconds(7)))
    #expect(bucket.pass(1, at: .seconds(7)) == .passed)
  }

  @Test func rate_of_a_bucket_that_is_never_idle_is_exact() {
    var bucket = TokenBucket(rate: 7, burst: .milliseconds(10))
    var (now, passed) = (Duration.zero, 0)
    while now < .seconds(100) {
      switch bucket.pass(1, at: now) {
      case .passed: passed += 1
      case .until(let time): now = time
      case .stopped: Issue.record("the rate is not 0")
      }
    }
    #expect(passed == 700)
  }
}
