import AsyncPipeline

/// A stage of your own: leaves out what is equal to the element before it, and counts that.
struct Unrepeated<Element: Equatable & Sendable>: Stage {
  let name = "Unrepeated"
  private var last: Element?

  mutating func process(_ element: Element, in context: StageContext<Element>) async throws {
    if element == last { return context.count("repeated") }
    last = element
    try await context.emit(element)
  }
}

/// Answers what others send to the channel, and says every five seconds how far it is.
func answers(
  to requests: Channel<String>, by answer: @escaping @Sendable (String) async throws -> String
) async throws -> [String] {
  let retry = Retry.retry(max: 3, backoff: .exponential(first: .milliseconds(100)))
  let run = Pipeline(feed: requests)
    .through(Unrepeated())
    .mapAsync(width: 8, timeout: .seconds(2), retry: retry) { try await answer($0) }
    .onFailure(.collect(limit: 100))
    .start(.collect)
  for await report in run.progress(every: .seconds(5)) { print(report) }
  return try await run.value
}
