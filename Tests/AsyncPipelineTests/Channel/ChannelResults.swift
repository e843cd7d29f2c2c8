import AsyncPipeline
import Testing

extension Channel.SendResult where Element: Equatable {
  func expectSent(_ location: SourceLocation = #_sourceLocation) {
    if case .sent = self { return }
    Issue.record("the element comes back: \(self)", sourceLocation: location)
  }

  func expectCancelled(_ element: Element, _ location: SourceLocation = #_sourceLocation) {
    if case .cancelled(element) = self { return }
    Issue.record("not cancelled, but \(self)", sourceLocation: location)
  }

  func expectFinished(_ element: Element, _ location: SourceLocation = #_sourceLocation) {
    if case .finished(element) = self { return }
    Issue.record("not finished, but \(self)", sourceLocation: location)
  }
}

extension Channel.BatchSendResult where Element: Equatable {
  func expectSent(_ location: SourceLocation = #_sourceLocation) {
    if case .sent = self { return }
    Issue.record("elements come back: \(self)", sourceLocation: location)
  }

  func expectCancelled(_ rest: [Element], _ location: SourceLocation = #_sourceLocation) {
    if case .cancelled(rest) = self { return }
    Issue.record("not cancelled, but \(self)", sourceLocation: location)
  }

  func expectFinished(_ rest: [Element], _ location: SourceLocation = #_sourceLocation) {
    if case .finished(rest) = self { return }
    Issue.record("not finished, but \(self)", sourceLocation: location)
  }
}
