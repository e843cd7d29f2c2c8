/// Why an element failed that took too long, or a run.
public enum PipelineTimeout: Error, Hashable {
  /// An attempt at an element was not done within so long.
  case element(Duration)
  /// No element came for so long.
  case idle(Duration)
  /// After so long not all elements had come.
  case total(Duration)
}

extension PipelineTimeout: CustomStringConvertible {
  public var description: String {
    switch self {
    case .element(let duration): "not done within \(duration)"
    case .idle(let duration): "no element came for \(duration)"
    case .total(let duration): "not all elements came within \(duration)"
    }
  }
}

/// Calls `body` in a task of its own. If it has not ended when the time is over it is cancelled and waited for, and
/// whatever became of it, ``PipelineTimeout/element(_:)`` is thrown.
@usableFromInline
func withTimeLimit<Result: Sendable>(
  _ limit: Duration, _ clock: any Clock<Duration>, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  let (result, isLate) = await race {
    try await clock.sleep(for: limit)
  } _: { () -> Swift.Result<Result, any Error> in
    do { return .success(try await body()) } catch { return .failure(error) }
  }
  if isLate { throw PipelineTimeout.element(limit) }
  return try result.get()
}
