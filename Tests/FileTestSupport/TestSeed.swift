import Glibc

/// The seed of randomised tests. It is an argument of each, so that a failure prints it.
public enum TestSeed {
  /// Set to the number that a failure printed, to repeat that run.
  private static let variable = "MILLRACE_TEST_SEED"

  /// A new one in each process: what holds for one holds for all of them. A test in a process of its own gets it with
  /// its arguments.
  public static let value = getenv(variable).flatMap { UInt64(String(cString: $0)) } ?? .random(in: .min ... .max)
}
