import Synchronization

/// The lock around the channel's state machine, and the continuations that it names. The machine is asked under the lock;
/// continuations are resumed after it is released.
@usableFromInline
final class ChannelStorage<Element: Sendable>: Sendable {
  @usableFromInline typealias Machine = ChannelStateMachine<Element>

  @usableFromInline let machine: Mutex<Machine>

  @inlinable
  init(capacity: Int) {
    machine = Mutex(Machine(capacity: capacity))
  }

  // MARK: Sending

  @inlinable
  func send(_ elements: [Element]) async -> Channel<Element>.BatchSendResult {
    let (outcome, resumption) = machine.withLock { $0.send(elements) }
    resumption.run()
    switch outcome {
    case .done: return .sent
    case .finished: return .finished(elements)
    case .mustWait(let id):
      return await withTaskCancellationHandler {
        await withUnsafeContinuation { continuation in
          machine.withLock { $0.parkProducer(id, continuation) }.run()
        }
      } onCancel: {
        machine.withLock { $0.cancelProducer(id) }.run()
      }
    }
  }

  // MARK: Receiving

  @inlinable
  func receive(upTo limit: Int, parts: Int = 1) async -> [Element] {
    let (outcome, resumption) = machine.withLock { $0.receive(upTo: limit, parts: parts) }
    resumption.run()
    switch outcome {
    case .elements(let elements): return elements
    case .finished: return []
    case .mustWait(let id):
      return await withTaskCancellationHandler {
        await withUnsafeContinuation { continuation in
          machine.withLock { $0.parkConsumer(id, continuation) }.run()
        }
      } onCancel: {
        machine.withLock { $0.cancelConsumer(id) }.run()
      }
    }
  }

  /// The quick way for one element, where nobody waits.
  @inlinable
  func offer(_ element: Element) -> Bool {
    machine.withLock { $0.offer(element) }
  }

  /// The quick way for one element, where nobody waits.
  @inlinable
  func takeOne() -> Element? {
    machine.withLock { $0.takeOne() }
  }

  @inlinable
  func tryReceive(upTo limit: Int, parts: Int = 1) -> [Element] {
    let (elements, resumption) = machine.withLock { $0.take(upTo: limit, parts: parts) }
    resumption.run()
    return elements
  }

  @inlinable
  func finish() {
    machine.withLock { $0.finish() }.run()
  }
}
