/// One way to carry numbers from producers to consumers.
struct Contestant: Sendable {
  let name: String
  /// Whether more than one task may consume, or produce.
  var isForMany = true
  /// Makes it anew for each round.
  let make: @Sendable () -> Ends
}

/// What the tasks of a round do with it.
struct Ends: Sendable {
  /// Sends the numbers below the count.
  let produce: @Sendable (_ count: Int) async -> Void
  /// No more is to come.
  let finish: @Sendable () -> Void
  /// Receives until the end.
  ///
  /// - Returns: the sum, so that no number is lost unseen.
  let consume: @Sendable () async -> Int
}
