import Glibc

/// Whether a test that needs io_uring may be skipped where there is none.
public enum RingExpectation {
  /// Set to 1 by whoever refuses io_uring to the tests on purpose.
  public static let refusalVariable = "MILLRACE_EXPECT_NO_IO_URING"

  /// Whether the tests run where io_uring is refused on purpose: then its absence is what they are there for.
  public static let isRefused = environment(refusalVariable) == "1"

  /// CI must be able to run every test: a missing io_uring is a failure there, unless it is refused on purpose.
  public static let isRequired = environment("CI") != nil && !isRefused

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
