@testable import AsyncPipeline

extension StageCounters {
  /// Of a stage that belongs to no run.
  convenience init() {
    self.init(name: "stage", clock: RunClock(ContinuousClock()))
  }
}

extension StageInputQueue {
  /// Of a stage that belongs to no run.
  init(capacity: Int) {
    self.init(of: StageCounters(), capacity: capacity)
  }
}
