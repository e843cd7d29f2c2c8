import AsyncPipeline
import FileEngines

/// What a worker has made of an entry, on its way through ``Publishing``.
@usableFromInline
protocol PublishableStep: Sendable {
  associatedtype Published: FileOutcome

  /// The file, if it need not have its name yet.
  var unpublished: UnpublishedFile? { get }

  /// Returns when the file has its name, or could not be given it. Throws what ends the run.
  func published() async throws -> Published
}

/// Waits until each file that was written has its name, in the order in which they come (``Durability/batch``).
///
/// To wait for one file publishes all that have been written by then, also those that have not come here yet; and the
/// workers go on meanwhile. So nothing need be collected, and no file waits for another to be written.
@usableFromInline
struct Publishing<Step: PublishableStep>: Stage {
  @usableFromInline typealias Input = Step
  @usableFromInline typealias Output = Step.Published

  @usableFromInline let name = "publish"
  @usableFromInline let emitsTogether = true

  @usableFromInline
  init() {}

  @usableFromInline
  mutating func process(_ step: Step, in context: StageContext<Step.Published>) async throws {
    if step.unpublished?.isSettled == false { try await context.flush() }
    let published = try await step.published()
    if step.unpublished != nil && published.failure != nil { context.count("failed files") }
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

extension Pipeline where Element: PublishableStep {
  /// The results, each when its file has its name. On a lane of the run's engine: another than the next stage's, if there
  /// are several, since an engine of threads makes the calls on the lane itself.
  @usableFromInline
  func published() -> Pipeline<Element.Published> {
    through(Publishing<Element>(), sharing: { FileSession(.auto) }, on: { try? $0.engine.lanes.last?.executor })
  }
}
