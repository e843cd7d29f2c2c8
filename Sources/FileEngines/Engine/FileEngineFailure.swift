import SystemPackage

/// An engine cannot go on: io_uring_enter(2) has failed for good, after transient errors were retried. It ends a run,
/// unlike the failure of a file.
public struct FileEngineFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// Of io_uring_enter(2).
  public let errno: Errno

  public var description: String { "io_uring_enter: \(errno)" }
}
