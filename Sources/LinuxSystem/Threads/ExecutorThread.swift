import CLinuxSystem

/// The mark of a thread that runs an executor's jobs: code can tell on which executor it runs. A subclass holds what
/// only that thread may use.
open class ExecutorThread {
  private let executor: ObjectIdentifier?

  /// - Parameter executor: nil for a thread that runs no executor's jobs.
  package init(_ executor: AnyObject?) {
    self.executor = executor.map { ObjectIdentifier($0) }
  }

  /// Marks the present thread while `body` runs. The pointer in the mark is valid for exactly that long.
  package func mark(_ body: () -> Void) {
    precondition(Self.current == nil, "a thread belongs to one executor")
    linux_mark_thread(Unmanaged.passUnretained(self).toOpaque())
    withExtendedLifetime(self, body)
    linux_mark_thread(nil)
  }

  /// The mark of the present thread.
  package static var current: ExecutorThread? {
    // The mark is cleared before the object is released, and no other thread can see it.
    linux_thread_mark().map { Unmanaged<ExecutorThread>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Whether the present thread runs the jobs of `executor`.
  package static func isRunning(_ executor: AnyObject) -> Bool {
    current?.executor == ObjectIdentifier(executor)
  }
}
