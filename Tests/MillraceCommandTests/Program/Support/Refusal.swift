import FilePipeline
import FileTestSupport
import IOUring
import SystemPackage
import Testing

/// The ways in which systems refuse io_uring: a container's seccomp filter, and a kernel that has no such call.
enum Refusal: String, CaseIterable {
  case denied = "EPERM"
  case hidden = "ENOSYS"

  /// What a user is told.
  var sentence: String {
    switch self {
    case .denied: RingRefusal(.notPermitted).sentence
    case .hidden: RingRefusal(.noFunction).sentence
    }
  }

  /// Tried once.
  static let isPossible = Task { try await Millrace.shell("$REFUSE EPERM true").status == 0 }
}

extension Trait where Self == ConditionTrait {
  static var needsSeccomp: Self {
    .enabled("seccomp filters cannot be installed here") {
      if RingExpectation.isRequired { true } else { try await Refusal.isPossible.value }
    }
  }
}
