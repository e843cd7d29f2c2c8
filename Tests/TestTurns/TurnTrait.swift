import Testing

extension Trait where Self == TurnTrait {
  /// The suite waits for its turn: one suite runs at a time, and in it one test after another. Else all tests of the package
  /// begin at once, hundreds of engines and child processes on however few processors, and none is in time.
  public static var inTurn: Self { TurnTrait() }
}

public struct TurnTrait: SuiteTrait, TestScoping {
  /// Around the suite as a whole: waiting does not count towards the time limits of its tests.
  public let isRecursive = false

  @concurrent public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    await Turns.shared.begin()
    defer { Turns.shared.end() }
    try await ParallelizationTrait.serialized.provideScope(for: test, testCase: testCase, performing: function)
  }
}
