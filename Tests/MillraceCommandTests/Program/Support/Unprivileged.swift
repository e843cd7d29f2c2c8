import Glibc
import Testing

/// Child processes that file modes apply to. As root they drop the capabilities that override them.
enum Unprivileged {
  private static let wrapper =
    geteuid() == 0
    ? "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search " : ""

  /// Tried once.
  static let isPossible = Task { try await Millrace.shell("\(wrapper)true").status == 0 }

  /// - Parameter command: a simple command, since it follows another one.
  static func shell(_ command: String, in directory: TemporaryDirectory) async throws -> ChildProcess.Outcome {
    try await Millrace.shell(wrapper + command, in: directory)
  }
}

extension Trait where Self == ConditionTrait {
  static var needsPermissionsToCount: Self {
    .enabled("root needs setpriv(1), and the right to give up capabilities") {
      try await Unprivileged.isPossible.value
    }
  }
}
