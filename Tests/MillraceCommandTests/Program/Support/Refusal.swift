import FilePipeline
import FileTestSupport
import IOUring
import SystemPackage
import Testing

/// The ways in which systems refuse io_uring: a container's seccomp filter, a kernel that has no such call, and filters
/// that forget some of its calls.
enum Refusal: String, CaseIterable {
  case denied = "EPERM"
  case hidden = "ENOSYS"
  case enterDenied = "EPERM@enter"
  case enterHidden = "ENOSYS@enter"
  case enterFails = "EINVAL@enter"
  case registerDenied = "EPERM@register"

  /// Those that can be told from others here: where all of io_uring is refused already, no ring gets as far as its
  /// other calls.
  static let here = whyNoRing == nil ? allCases : [.denied, .hidden]

  /// What a user is told.
  var sentence: String {
    switch self {
    case .denied: RingRefusal(.notPermitted, of: .setUp).sentence
    case .hidden: RingRefusal(.noFunction, of: .setUp).sentence
    case .enterDenied: RingRefusal(.notPermitted, of: .enter).sentence
    case .enterHidden: RingRefusal(.noFunction, of: .enter).sentence
    case .enterFails: RingRefusal(.invalidArgument, of: .enter).sentence
    case .registerDenied: RingRefusal(.notPermitted, of: .register).sentence
    }
  }

  /// Tried once.
  static let isPossible = Task { try await Millrace.shell("$REFUSE EPERM true").status == 0 }
}

extension Trait where Self == ConditionTrait {
  static var needsSeccomp: Self {
    .enabled("seccomp filters cannot be installed here") {
      if TestExpectation.isRequired { true } else { try await Refusal.isPossible.value }
    }
  }
}
