import Glibc

/// What is expected of the tests where they run, by environment variables. In CI nothing may be missing but what is
/// refused on purpose.
public enum TestExpectation {
  /// Set to 1 where io_uring is refused to the tests on purpose.
  public static let refusalVariable = "MILLRACE_EXPECT_NO_IO_URING"

  /// Whether the tests run where io_uring is refused on purpose: then its absence is what they are there for.
  public static let isRefused = environment(refusalVariable) == "1"

  /// CI must be able to run every test: a missing io_uring is a failure there, unless it is refused on purpose.
  public static let isRequired = isCI && !isRefused

  /// In CI no test may be skipped for want of something that `.ci/run` installs or its machine has.
  public static let isCI = environment("CI") != nil

  /// Whether tests are run in their full size: see `.ci/full`.
  public static let isFull = environment("MILLRACE_TEST_FULL") == "1"

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
