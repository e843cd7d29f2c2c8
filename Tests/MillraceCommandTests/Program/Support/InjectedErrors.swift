import FileTestSupport
import Testing

/// Child processes whose system calls fail by injection, with strace(1).
enum InjectedErrors {
  /// Tried once: a container may forbid ptrace(2). In CI that is a failure.
  static let arePossible = Task {
    if TestExpectation.isCI { return true }
    return try await Millrace.shell("strace -f -o /dev/null -e inject=getdents64:error=EIO:when=1 true").status == 0
  }

  /// - Parameters:
  ///   - injection: which calls of each thread fail, and how: what `-e inject=` takes.
  ///   - command: a simple command, since it follows another one.
  static func shell(
    _ command: String, _ injection: String, in directory: TemporaryDirectory
  ) async throws -> ChildProcess.Outcome {
    let call = injection.prefix { $0 != ":" }
    return try await Millrace.shell(
      "strace -f -o /dev/null -e trace=\(call) -e inject=\(injection) \(command)", in: directory)
  }
}

extension Trait where Self == ConditionTrait {
  static var needsStrace: Self {
    .enabled("strace(1) is here, and may trace") { try await InjectedErrors.arePossible.value }
  }
}
