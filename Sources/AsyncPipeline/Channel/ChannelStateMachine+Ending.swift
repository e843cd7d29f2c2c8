import DequeModule

extension ChannelStateMachine {
  /// The task of a producer was cancelled. Nothing, if it does not wait. Those behind it may find room now.
  @inlinable
  mutating func cancelProducer(_ id: WaiterID) -> Wakeups {
    var wakeups = Wakeups()
    if let index = producers.firstIndex(where: { $0.id == id }) {
      let producer = producers.remove(at: index)
      wakeups.returned.append((producer.continuation, .cancelled(producer.cargo)))
      refill(&wakeups.sent)
    }
    return wakeups
  }

  /// The task of a consumer was cancelled. Nothing, if it does not wait.
  @inlinable
  mutating func cancelConsumer(_ id: WaiterID) -> Wakeups {
    var wakeups = Wakeups()
    if let index = consumers.firstIndex(where: { $0.id == id }) {
      wakeups.served.append((consumers.remove(at: index).continuation, .nothing))
    }
    return wakeups
  }

  /// The end, once. A failure is told to all consumers that wait; if none does, to the first that comes when the buffer is
  /// empty.
  @inlinable
  mutating func end(_ failure: Failure?) -> Wakeups {
    var wakeups = Wakeups()
    guard isOpen else { return wakeups }
    phase = .finished
    if let failure, consumers.isEmpty { phase = .failed(failure) }
    while let producer = producers.popFirst() {
      wakeups.returned.append((producer.continuation, .finished(producer.cargo)))
    }
    while let consumer = consumers.popFirst() {
      wakeups.served.append((consumer.continuation, failure.map { .failed($0) } ?? .nothing))
    }
    return wakeups
  }
}
