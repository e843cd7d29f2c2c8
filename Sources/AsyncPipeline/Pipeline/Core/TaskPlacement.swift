extension ThrowingTaskGroup<Void, any Error> {
  /// Adds a child task that runs on an executor; nil is where its parent's tasks run.
  ///
  /// With `addTask(executorPreference:)` a nil does not mean that (Swift 6.3): the task then begins on Swift's own
  /// threads, and goes on where its parent prefers only when it has had to wait. A program may have no such threads.
  @inlinable
  mutating func addTask(
    on executor: (any TaskExecutor)?, _ operation: @escaping @Sendable @isolated(any) () async throws -> Void
  ) {
    if let executor {
      addTask(executorPreference: executor, operation: operation)
    } else {
      addTask(operation: operation)
    }
  }
}
