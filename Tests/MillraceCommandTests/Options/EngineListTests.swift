import Testing

@testable import MillraceCommand

@Suite struct EngineListTests {
  @Test func engines_in_their_order() {
    #expect(EngineList(argument: "uring,blocking")?.kinds == [.uring, .blocking])
    #expect(EngineList(argument: "threads")?.kinds == [.threads])
  }

  @Test(arguments: ["", ",", "uring,", "uring,uring", "auto", "Uring", "uring, threads"])
  func bad_lists(argument: String) {
    #expect(EngineList(argument: argument) == nil)
  }
}
