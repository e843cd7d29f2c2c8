@testable import AsyncPipeline

/// The state machine in the model's terms: tasks are numbers, and resumptions are recorded. A value, so that a test can
/// continue from one state in several ways.
struct WatchedMachine {
  typealias Machine = ChannelStateMachine<Int, Failure>
  typealias Outcome = ChannelModel.Outcome

  private var machine: Machine
  /// By task, in the queue for its role.
  private var ids: [Int: WaiterID] = [:]
  private let roles: [ChannelModel.Role]
  private let continuations: Continuations
  /// The tasks that the last event resumed; nil for an unknown continuation.
  private(set) var resumed: [(task: Int?, outcome: Outcome)] = []

  init(budget: Int, isWeighted: Bool, roles: [ChannelModel.Role], continuations: Continuations) {
    machine = Machine(budget: budget, isWeighted: isWeighted)
    (self.roles, self.continuations) = (roles, continuations)
  }

  /// The waiter ID that the task gets by its first step.
  private mutating func id(of task: Int) -> WaiterID {
    if let id = ids[task] { return id }
    let id = if case .sends = roles[task] { machine.producers.reserve() } else { machine.consumers.reserve() }
    ids[task] = id
    return id
  }

  // MARK: The first step

  /// - Returns: nil if the task must wait.
  mutating func attempt(_ task: Int, _ elements: [Int]) -> Outcome? {
    resumed = []
    switch roles[task] {
    case .sends(let weights) where weights.count == 1: return send(elements[0], weight: weights[0])
    case .sends(let weights): return send(elements, weights: machine.buffer.isWeighted ? weights : nil)
    case .triesToSend(let weight): return send(elements[0], weight: weight) ?? .full(elements)
    case .receives(limit: 1): return answer(machine.receive(mayWait: false)) { [$0] }
    case .receives(let limit): return answer(machine.receive(upTo: limit, parts: 1, mayWait: false)) { $0 }
    case .shares(let limit, let parts): return answer(machine.receive(upTo: limit, parts: parts, mayWait: false)) { $0 }
    case .triesToReceive(limit: 1): return answer(machine.receive(mayWait: false)) { [$0] } ?? .received([])
    case .triesToReceive(let limit):
      return answer(machine.receive(upTo: limit, parts: 1, mayWait: false)) { $0 } ?? .received([])
    }
  }

  private mutating func send(_ element: Int, weight: Int) -> Outcome? {
    switch machine.send(element, weight: weight, mayWait: false) {
    case .sent: return .sent
    case .finished(let element): return .finished([element])
    case .deliver(let element, let consumer):
      resumed = [(continuations.task(of: consumer), .received([element]))]
      return .sent
    case .full, .mustWait: return nil
    }
  }

  private mutating func send(_ elements: [Int], weights: [Int]?) -> Outcome? {
    switch machine.send(elements, weights: weights) {
    case .sent: return .sent
    case .finished: return .finished(elements)
    case .mustWait(let id):
      // The second step reserves an ID itself.
      machine.producers.release(id)
      return nil
    }
  }

  private mutating func answer<R>(
    _ action: Machine.ReceiveAction<R>, _ elements: (R) -> [Int]
  ) -> Outcome? {
    switch action {
    case .received(let received, let sent):
      sent.forEach { resumed.append((continuations.task(of: $0), .sent)) }
      return .received(elements(received))
    case .failed: return .failed
    case .finished: return .received([])
    case .empty, .mustWait: return nil
    }
  }

  // MARK: Later events

  /// The second step, immediately after the first or later.
  mutating func enqueue(_ task: Int, _ elements: [Int], isCancelled: Bool) {
    switch roles[task] {
    case .sends(let weights):
      let pending =
        weights.count == 1
        ? PendingElements(elements[0], weight: weights[0])
        : PendingElements(elements, weights: machine.buffer.isWeighted ? weights : nil)
      let producer = Machine.Producer(pending: pending, continuation: continuations.producers[task])
      record(machine.enqueueWaiter(producer, id(of: task), isCancelled: isCancelled))
    case .receives(let limit): enqueue(task, upTo: limit, parts: 1, isCancelled)
    case .shares(let limit, let parts): enqueue(task, upTo: limit, parts: parts, isCancelled)
    case .triesToSend, .triesToReceive: fatalError("the task never waits")
    }
  }

  private mutating func enqueue(_ task: Int, upTo limit: Int, parts: Int, _ isCancelled: Bool) {
    let continuation = continuations.consumers[task]
    let consumer = Machine.Consumer(limit: limit, parts: parts, continuation: continuation)
    record(machine.enqueueWaiter(consumer, id(of: task), isCancelled: isCancelled))
  }

  mutating func cancel(_ task: Int) {
    let id = id(of: task)
    if case .sends = roles[task] { record(machine.cancelProducer(id)) } else { record(machine.cancelConsumer(id)) }
  }

  mutating func end(failing: Bool) {
    record(machine.end(failing ? Failure(element: 0) : nil))
  }

  private mutating func record(_ wakeups: Machine.Wakeups) {
    resumed = []
    wakeups.sent.forEach { resumed.append((continuations.task(of: $0), .sent)) }
    wakeups.returned.forEach { resumed.append((continuations.task(of: $0), Outcome($1))) }
    wakeups.served.forEach { resumed.append((continuations.task(of: $0), Outcome($1))) }
  }

  // MARK: What it holds

  /// The first difference from the model, if there is one.
  func complaint(_ model: ChannelModel) -> String? {
    let buffer = machine.buffer
    if !buffer.elements.elementsEqual(model.held) { return "it holds \(Array(buffer.elements))" }
    let weights = buffer.isWeighted ? model.held.map(model.weight(of:)) : []
    if !buffer.weights.elementsEqual(weights) { return "it holds weights of \(Array(buffer.weights))" }
    if buffer.load != weights.reduce(0, +) { return "its load is \(buffer.load)" }
    let (producers, consumers) = (machine.producers.waiters, machine.consumers.waiters)
    let pending = producers.flatMap(\.pending.elements)
    if !pending.elementsEqual(model.queue.dropFirst(model.held.count)) { return "\(pending) are pending" }
    if producers.map({ continuations.task(of: $0.continuation) }) != model.waitingProducers {
      return "\(producers.count) producers wait"
    }
    if consumers.map({ continuations.task(of: $0.continuation) }) != model.waitingConsumers.map(\.task) {
      return "\(consumers.count) consumers wait"
    }
    if !machine.producers.hasLostNoSlot || !machine.consumers.hasLostNoSlot { return "a slot of a waiter is lost" }
    if machine.isOpen != (model.phase == .open) { return "it is open or has ended against the model" }
    if machine.isFinished != (model.phase == .finished && model.queue.isEmpty) {
      return "it is finished or not against the model"
    }
    return nil
  }
}

extension ChannelModel.Outcome {
  fileprivate init(_ result: SendResult<PendingElements<Int>>) {
    switch result {
    case .sent: self = .sent
    case .cancelled(let pending): self = .cancelled(pending.elements)
    case .finished(let pending): self = .finished(pending.elements)
    }
  }

  fileprivate init(_ delivery: WatchedMachine.Machine.Delivery) {
    switch delivery {
    case .one(let element): self = .received([element])
    case .many(let elements): self = .received(elements)
    case .failed: self = .failed
    case .nothing: self = .received([])
    }
  }
}
