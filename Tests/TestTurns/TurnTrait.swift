import Testing

extension Trait where Self == TurnTrait {
  /// For suites that make rings, engines or child processes: one more runs at a time than there are processors, and in
  /// each one test after another. Otherwise all tests of the package would begin at once, hundreds of engines and child
  /// processes on however few processors, and none would be in time.
  public static var inTurn: Self { TurnTrait(isAlone: false) }

  /// For suites that measure the whole process, or disturb others: no other suite that takes turns runs beside it.
  public static var alone: Self { TurnTrait(isAlone: true) }
}

public struct TurnTrait: SuiteTrait, TestScoping {
  let isAlone: Bool
  /// Around the suite as a whole: waiting does not count towards the time limits of its tests.
  public let isRecursive = false

  @concurrent public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    await Turns.shared.begin(alone: isAlone)
    defer { Turns.shared.end(alone: isAlone) }
    await untilPoolIsResponsive()
    try await ParallelizationTrait.serialized.provideScope(for: test, testCase: testCase, performing: function)
  }

  /// Returns when a task that yields is resumed soon, several times in a row.
  ///
  /// The suites without a turn begin all at once and keep the threads of Swift's pool busy: a test that waits for a
  /// child process, or for a completion, would be resumed behind all of them.
  @concurrent private func untilPoolIsResponsive() async {
    var promptResumptions = 0
    for _ in 0..<Self.mostYields {
      let start = ContinuousClock.now
      await Task.yield()
      promptResumptions = ContinuousClock.now - start < Self.promptly ? promptResumptions + 1 : 0
      if promptResumptions == Self.enoughPromptResumptions { return }
    }
  }

  /// Guesses: a yield on an idle pool takes microseconds, and one behind a single test of the shorter kind some
  /// milliseconds.
  private static let promptly = Duration.milliseconds(5)
  private static let enoughPromptResumptions = 20
  /// A pool that never becomes idle is one on a slow machine: then the suite begins all the same.
  private static let mostYields = 100_000
}
