import Glibc
import Testing

@testable import FileEngines

@Suite
struct BlockingDetectorTests {
  @Test func a_wait_is_remembered_for_some_calls() {
    let detector = BlockingDetector()
    #expect(detector.measure { 7 } == 7)
    #expect(!detector.recentlyBlocked)
    // Longer than no time at all is what counts.
    detector.measure { _ = usleep(1) }
    #expect(detector.recentlyBlocked)
    var calls = 0
    while detector.recentlyBlocked && calls < 1000 {
      // Some are made elsewhere.
      if calls.isMultiple(of: 2) { detector.measure {} } else { detector.pass() }
      calls += 1
    }
    #expect(calls == 32)
    detector.pass()
    #expect(!detector.recentlyBlocked)
  }
}
