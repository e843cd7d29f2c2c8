import FilePipeline
import Synchronization

/// A line on the terminal that says how far a run is.
final class ProgressMeter: Sendable {
  /// As often as an eye can follow.
  private static let interval = Duration.milliseconds(200)

  private let isShown: Bool
  private let files = Atomic<Int>(0)
  private let bytes = Atomic<Int64>(0)

  init(isShown: Bool) {
    self.isShown = isShown
  }

  func count<Output>(_ result: FileResult<Output>) {
    files.add(1, ordering: .relaxed)
    if case .success(let value) = result.outcome { bytes.add(value.byteCount, ordering: .relaxed) }
  }

  /// Shows progress while `body` runs.
  func running<R: Sendable>(_ body: () async throws -> R) async throws -> R {
    if !isShown { return try await body() }
    let drawing = Task {
      while true {
        try await Task.sleep(for: Self.interval)
        draw()
      }
    }
    do {
      let result = try await body()
      await end(drawing)
      return result
    } catch {
      await end(drawing)
      throw error
    }
  }

  /// Waits for the last drawing, which would otherwise come after what follows.
  private func end(_ drawing: Task<Void, any Error>) async {
    drawing.cancel()
    _ = await drawing.result
    Diagnostics.withoutProgress {}
  }

  private func draw() {
    let files = Figures.counted(files.load(ordering: .relaxed), "file")
    let bytes = Figures.bytes(Int(bytes.load(ordering: .relaxed)))
    Diagnostics.showProgress("\(files), \(bytes)")
  }
}
