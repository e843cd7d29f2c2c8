/// What a worker does with one element: the closure, and what happens if it fails.
@usableFromInline
struct ElementWork<Input: Sendable, Output: Sendable, Resource>: Sendable {
  @usableFromInline typealias Transform = @Sendable (Resource, Input) async throws -> Output

  @usableFromInline let transform: Transform
  @usableFromInline let retry: Retry
  /// Measures the waits between attempts.
  @usableFromInline let clock: any Clock<Duration>

  @inlinable
  init(retry: Retry = .never, clock: any Clock<Duration> = ContinuousClock(), _ transform: @escaping Transform) {
    (self.retry, self.clock, self.transform) = (retry, clock, transform)
  }

  /// The output with the element's token. Nil for an element that failed and is dropped. The caller counts the first
  /// attempt.
  @inlinable
  func attempt(
    _ element: Input, _ token: consuming ElementToken, _ resource: Resource, _ run: PipelineRun
  ) async throws -> TakenElement<Output>? {
    do {
      return TakenElement(try await transform(resource, element), token)
    } catch {
      return try await attemptAgain(after: error, element, token, resource, run)
    }
  }

  @inlinable @inline(never)
  func attemptAgain(
    after error: any Error, _ element: Input, _ token: consuming ElementToken, _ resource: Resource, _ run: PipelineRun
  ) async throws -> TakenElement<Output>? {
    let counters = token.stage
    var error = error
    var attempt = 1
    while let delay = retry.delay(after: attempt, error) {
      do {
        if delay > .zero { try await counters.delayed.measure { try await clock.sleep(for: delay) } }
        attempt += 1
        counters.add(attempts: 1)
        return TakenElement(try await transform(resource, element), token)
      } catch let next {
        error = next
      }
    }
    try await run.handle(error, of: element, token, attempt: attempt)
    return nil
  }
}
