import FilePipeline
import FileTestSupport
import IOUring
import SystemPackage
import Testing

/// How systems refuse io_uring: by a container's seccomp filter, by a kernel without the call, and by filters that deny
/// some of its calls.
enum Refusal: String, CaseIterable {
  case denied = "EPERM"
  case hidden = "ENOSYS"
  case enterDenied = "EPERM@enter"
  case enterHidden = "ENOSYS@enter"
  case enterFails = "EINVAL@enter"
  case registerDenied = "EPERM@register"

  /// The refusals that can be distinguished here: if all of io_uring is refused already, a ring never makes its other
  /// calls.
  static let here = whyNoRing == nil ? allCases : [.denied, .hidden]

  /// The message to the user.
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
