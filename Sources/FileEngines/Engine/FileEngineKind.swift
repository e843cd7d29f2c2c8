/// The engines there are.
public enum FileEngineKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// io_uring: ``UringEngine``.
  case uring
  /// A bounded pool of threads: ``ThreadsEngine``.
  case threads
  /// Foundation's `FileHandle`, one file after another: ``BlockingEngine``.
  case blocking
}
