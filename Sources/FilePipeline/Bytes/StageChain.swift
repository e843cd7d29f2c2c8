/// A file's byte stages, one behind the other: made anew for each file.
@usableFromInline
struct StageChain {
  private var stages: [any ByteStage]

  @usableFromInline
  init(_ stages: [any ByteStage]) {
    self.stages = stages
  }

  /// Sends bytes through the stages from `first` on, and what comes out to `body`.
  @usableFromInline
  mutating func push(_ bytes: RawSpan, from first: Int = 0, _ body: (RawSpan) -> Void) {
    if bytes.byteCount == 0 { return }
    if first == stages.count { return body(bytes) }
    var output = ByteOutput()
    stages[first].transform(bytes, into: &output)
    output.withBytes { push($0, from: first + 1, body) }
  }

  /// Has each stage give out what it holds, from the first to the last.
  @usableFromInline
  mutating func finish(_ body: (RawSpan) -> Void) {
    for index in stages.indices {
      var output = ByteOutput()
      stages[index].finish(into: &output)
      output.withBytes { push($0, from: index + 1, body) }
    }
  }
}
