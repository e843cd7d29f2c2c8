import Synchronization

/// The requests of work queues for more workers. The task that owns the task group receives them, as only it can start
/// workers.
@usableFromInline
final class WorkerStarts: Sendable {
  private let requests: Channel<Int>
  /// Workers that have been started and have not ended; and 1 until the first have been started.
  private let running = Atomic<Int>(1)

  /// - Parameter queues: how many queues there are. Each has one request at a time.
  @usableFromInline
  init(queues: Int) {
    requests = Channel(capacity: queues)
  }

  /// - Parameter queue: the index of the queue that wants more workers.
  @usableFromInline
  func request(_ queue: Int) {
    // Not sent where a worker has failed: no more workers are started then.
    _ = requests.trySend(queue)
  }

  /// The index of a queue that wants more workers; suspends until one does. Nil when all workers have ended or one has
  /// failed, and if the task is cancelled.
  @usableFromInline
  func next() async -> Int? {
    await requests.next()
  }

  @usableFromInline
  func add(_ count: Int) {
    running.add(count, ordering: .relaxed)
  }

  /// A worker has ended, or the first workers have all been started. When none is left no queue has elements.
  @usableFromInline
  func endOne() {
    if running.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { end() }
  }

  @usableFromInline
  func end() {
    requests.finish()
  }
}
