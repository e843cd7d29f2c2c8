import Glibc
import Testing

@testable import FileEngines

@Suite
struct WaitPaceTests {
  @Test func a_wait_is_remembered_for_some_calls() {
    let pace = WaitPace()
    #expect(pace.noting { 7 } == 7)
    #expect(!pace.callsWait)
    // Longer than no time at all is what counts.
    pace.noting { _ = usleep(1) }
    #expect(pace.callsWait)
    var calls = 0
    while pace.callsWait && calls < 1000 {
      // Some are made elsewhere.
      if calls.isMultiple(of: 2) { pace.noting {} } else { pace.pass() }
      calls += 1
    }
    #expect(calls == 32)
    pace.pass()
    #expect(!pace.callsWait)
  }
}
