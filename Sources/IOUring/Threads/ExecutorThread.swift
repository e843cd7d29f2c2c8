import CUring

/// What a thread that runs an executor's jobs, or collects them, is marked with, so that code can tell where it is.
package final class ExecutorThread {
  private let executor: ObjectIdentifier
  private let core: LoopCore?
  private let batch: JobBatch?

  init(_ executor: AnyObject, core: LoopCore?) {
    self.executor = ObjectIdentifier(executor)
    (self.core, batch) = (core, nil)
  }

  /// For a thread that runs nobody's jobs.
  init(collecting batch: JobBatch) {
    executor = ObjectIdentifier(batch)
    (core, self.batch) = (nil, batch)
  }

  package convenience init(_ executor: AnyObject) {
    self.init(executor, core: nil)
  }

  /// Marks the present thread while `body` runs. The pointer that the thread is marked with is valid for just that
  /// long.
  package func mark(_ body: () -> Void) {
    precondition(Self.current == nil, "a thread belongs to one executor")
    curing_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
    withExtendedLifetime(self, body)
    curing_set_current_loop(nil)
  }

  private static var current: ExecutorThread? {
    // The mark is taken off before the object goes, and no other thread can see it.
    curing_current_loop().map { Unmanaged<ExecutorThread>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Whether the present thread runs the jobs of `executor`.
  package static func isRunning(_ executor: AnyObject) -> Bool {
    current?.executor == ObjectIdentifier(executor)
  }

  /// What collects the jobs that come from the present thread, if something does.
  static var currentBatch: JobBatch? { current?.batch }

  /// The core of `loop`, if the present thread is its own.
  static func core(of loop: RingLoop) -> LoopCore? {
    guard let current, current.executor == ObjectIdentifier(loop) else { return nil }
    return current.core
  }
}
