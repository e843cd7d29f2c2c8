import AsyncPipeline
import Testing

extension SendResult where Unsent: Equatable {
  func expectSent(_ location: SourceLocation = #_sourceLocation) {
    if self != .sent { Issue.record("not sent, but \(self)", sourceLocation: location) }
  }

  func expectCancelled(_ unsent: Unsent, _ location: SourceLocation = #_sourceLocation) {
    if self != .cancelled(unsent) { Issue.record("not cancelled, but \(self)", sourceLocation: location) }
  }

  func expectFinished(_ unsent: Unsent, _ location: SourceLocation = #_sourceLocation) {
    if self != .finished(unsent) { Issue.record("not finished, but \(self)", sourceLocation: location) }
  }
}
