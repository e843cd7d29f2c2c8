import AsyncPipeline
import FileEngines

/// What a worker has made of an entry. The file that it has written need not have its name yet (``Durability/batch``).
@usableFromInline
struct Publishable<Outcome: FileOutcome>: Sendable {
  /// Holds if the file gets its name.
  @usableFromInline let outcome: Outcome
  /// The file, if it need not have its name yet, and what publishes it.
  private let pending: Pending?

  private struct Pending: Sendable {
    let file: UnpublishedFile
    let publish: @Sendable () async throws -> Outcome
  }

  /// For an entry whose file has its name, or that has none.
  init(_ outcome: Outcome) {
    (self.outcome, pending) = (outcome, nil)
  }

  /// - Parameter publish: publishes the file, and returns the outcome when it has its name or could not be given it.
  ///   Throws what ends the run.
  init(_ outcome: Outcome, _ file: UnpublishedFile, publish: @escaping @Sendable () async throws -> Outcome) {
    (self.outcome, pending) = (outcome, Pending(file: file, publish: publish))
  }

  fileprivate var isPending: Bool { pending != nil }

  /// Whether ``published()`` has nothing to wait for.
  fileprivate var isSettled: Bool { pending?.file.isSettled ?? true }

  fileprivate func published() async throws -> Outcome {
    try await pending?.publish() ?? outcome
  }
}

/// Waits until each file that was written has its name, in the order of its input.
///
/// Waiting for one file publishes all files that have been written by then, also files that have not arrived here yet,
/// and the workers continue meanwhile. So this stage collects nothing, and no file waits for another to be written.
private struct Publishing<Outcome: FileOutcome>: Stage {
  let name = "publish"
  let emitsTogether = true

  mutating func process(_ element: Publishable<Outcome>, in context: StageContext<Outcome>) async throws {
    if !element.isSettled { try await context.flush() }
    let published = try await element.published()
    if element.isPending && published.failure != nil { context.count("failed files") }
    try await context.emit(published)
  }
}

extension FileResult {
  /// What `body` gives. Throws what ends the run.
  init(_ file: FileEntry, byteCount: Int64, _ body: () async throws(FileError) -> Output) async throws {
    do throws(FileError) {
      self.init(file, .success(try await body()), byteCount: byteCount)
    } catch {
      try error.endRun()
      self.init(file, .failure(error))
    }
  }
}

extension Pipeline {
  /// The outcomes, each when its file has its name. It runs on a lane of the run's engine: another than the next
  /// stage's if there are several, since an engine of threads makes the calls on the lane itself.
  @usableFromInline
  func published<Outcome>() -> Pipeline<Outcome> where Element == Publishable<Outcome> {
    through(Publishing<Outcome>(), sharing: { FileSession(.auto) }, on: { try? $0.engine.lanes.last?.executor })
  }
}
