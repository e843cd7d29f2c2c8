import Glibc
import SystemPackage
import Testing

@testable import MillraceCommand

@Suite struct BlockingTransferTests {
  /// A call that fails with each of `errors` in turn and then returns 7.
  private func outcome(_ errors: [Errno]) throws -> (result: Int, calls: Int) {
    var calls = 0
    // Always ready, so that a wait returns at once.
    let null = try FileDescriptor.open("/dev/null", .readWrite)
    defer { try? null.close() }
    let result = try null.retrying(POLLOUT) {
      calls += 1
      if calls > errors.count { return 7 }
      errno = errors[calls - 1].rawValue
      return -1
    }
    return (result, calls)
  }

  @Test func an_interrupted_call_is_made_again() throws {
    #expect(try outcome([]) == (7, 1))
    #expect(try outcome([.interrupted, .interrupted]) == (7, 3))
  }

  @Test func a_call_that_would_block_is_made_again_when_ready() throws {
    #expect(try outcome([.wouldBlock, .interrupted, .wouldBlock]) == (7, 4))
  }

  @Test func any_other_error_is_thrown() {
    #expect(throws: Errno.ioError) { try outcome([.interrupted, .ioError]) }
  }

  @Test(arguments: [Errno.interrupted, .wouldBlock])
  func a_call_that_fails_so_for_ever_is_given_up(_ errno: Errno) throws {
    let most = FileDescriptor.mostRetries
    #expect(try outcome(Array(repeating: errno, count: most)) == (7, most + 1))
    #expect(throws: errno) { try outcome(Array(repeating: errno, count: most + 1)) }
  }
}
