/// How a send ended. An element, or what is left of a batch, is delivered exactly once or handed back.
public enum SendResult<Unsent: Sendable>: Sendable {
  /// The channel or a consumer has taken everything over.
  case sent
  /// The task was cancelled while it waited. Here is what was not taken over.
  case cancelled(Unsent)
  /// The channel was finished, or it failed. Here is what was not taken over.
  case finished(Unsent)
}

/// How an attempt to send without waiting ended.
public enum TrySendResult<Unsent: Sendable>: Sendable {
  /// The channel or a consumer has taken the element over.
  case sent
  /// There is no room, or other producers wait in line. Here is the element.
  case full(Unsent)
  /// The channel was finished, or it failed. Here is the element.
  case finished(Unsent)
}

extension SendResult: Equatable where Unsent: Equatable {}
extension TrySendResult: Equatable where Unsent: Equatable {}
