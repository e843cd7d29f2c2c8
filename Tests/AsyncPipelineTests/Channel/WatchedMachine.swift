@testable import AsyncPipeline

/// The state machine in the model's words: tasks are numbers, and who is resumed is written down. A value, so that a
/// test can go on from one state in several ways.
struct WatchedMachine {
  typealias Machine = ChannelStateMachine<Int, Failure>
  typealias Outcome = ChannelModel.Outcome

  private var machine: Machine
  private let roles: [ChannelModel.Role]
  private let continuations: Continuations
  /// By the last event; nil for a task that nobody knows.
  private(set) var resumed: [(task: Int?, outcome: Outcome)] = []

  init(budget: Int, isWeighted: Bool, roles: [ChannelModel.Role], continuations: Continuations) {
    machine = Machine(budget: budget, isWeighted: isWeighted)
    (self.roles, self.continuations) = (roles, continuations)
  }

  private static func id(of task: Int) -> Machine.WaiterID { UInt64(task) }

  // MARK: The first step

  /// - Returns: nil if the task must wait.
  mutating func attempt(_ task: Int, _ elements: [Int]) -> Outcome? {
    resumed = []
    switch roles[task] {
    case .sends(let weights) where weights.count == 1: return send(elements[0], weight: weights[0])
    case .sends(let weights): return send(elements, weights: machine.isWeighted ? weights : nil)
    case .triesToSend(let weight): return send(elements[0], weight: weight) ?? .full(elements)
    case .receives(limit: 1): return answer(machine.receive()) { [$0] }
    case .receives(let limit): return answer(machine.receive(upTo: limit, parts: 1)) { $0 }
    case .shares(let limit, let parts): return answer(machine.receive(upTo: limit, parts: parts)) { $0 }
    case .triesToReceive(limit: 1): return answer(machine.receive()) { [$0] } ?? .received([])
    case .triesToReceive(let limit):
      return answer(machine.receive(upTo: limit, parts: 1)) { $0 } ?? .received([])
    }
  }

  private mutating func send(_ element: Int, weight: Int) -> Outcome? {
    switch machine.send(element, weight: weight) {
    case .sent: return .sent
    case .finished(let element): return .finished([element])
    case .hand(let element, let consumer):
      resumed = [(continuations.task(of: consumer), .received([element]))]
      return .sent
    case .mustWait: return nil
    }
  }

  private mutating func send(_ elements: [Int], weights: [Int]?) -> Outcome? {
    switch machine.send(elements, weights: weights) {
    case .sent: return .sent
    case .finished: return .finished(elements)
    case .mustWait: return nil
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
    case .mustWait: return nil
    }
  }

  // MARK: Later events

  /// The second step, whether the first was taken just before or a while ago.
  mutating func park(_ task: Int, _ elements: [Int], isCancelled: Bool) {
    let id = Self.id(of: task)
    switch roles[task] {
    case .sends(let weights):
      let cargo =
        weights.count == 1
        ? Machine.Cargo(elements[0], weight: weights[0])
        : Machine.Cargo(elements, weights: machine.isWeighted ? weights : nil)
      let producer = Machine.Producer(id: id, cargo: cargo, continuation: continuations.producers[task])
      write(machine.park(producer, isCancelled: isCancelled))
    case .receives(let limit): park(task, upTo: limit, parts: 1, isCancelled)
    case .shares(let limit, let parts): park(task, upTo: limit, parts: parts, isCancelled)
    case .triesToSend, .triesToReceive: fatalError("it never waits")
    }
  }

  private mutating func park(_ task: Int, upTo limit: Int, parts: Int, _ isCancelled: Bool) {
    let continuation = continuations.consumers[task]
    let consumer = Machine.Consumer(id: Self.id(of: task), limit: limit, parts: parts, continuation: continuation)
    write(machine.park(consumer, isCancelled: isCancelled))
  }

  mutating func cancel(_ task: Int) {
    let id = Self.id(of: task)
    if case .sends = roles[task] { write(machine.cancelProducer(id)) } else { write(machine.cancelConsumer(id)) }
  }

  mutating func end(failing: Bool) {
    write(machine.end(failing ? Failure(element: 0) : nil))
  }

  private mutating func write(_ wakeups: Machine.Wakeups) {
    resumed = []
    wakeups.sent.forEach { resumed.append((continuations.task(of: $0), .sent)) }
    wakeups.returned.forEach { resumed.append((continuations.task(of: $0), Outcome($1))) }
    wakeups.served.forEach { resumed.append((continuations.task(of: $0), Outcome($1))) }
  }

  // MARK: What it holds

  /// What differs from the model, if anything does.
  func complaint(_ model: ChannelModel) -> String? {
    if !machine.buffer.elementsEqual(model.held) { return "it holds \(Array(machine.buffer))" }
    let weights = machine.isWeighted ? model.held.map(model.weight(of:)) : []
    if !machine.weights.elementsEqual(weights) { return "it holds weights of \(Array(machine.weights))" }
    if machine.load != weights.reduce(0, +) { return "it says that it holds \(machine.load)" }
    let outside = machine.producers.flatMap(\.cargo.elements)
    if !outside.elementsEqual(model.queue.dropFirst(model.held.count)) { return "\(outside) are outside" }
    if machine.producers.map({ continuations.task(of: $0.continuation) }) != model.waitingProducers {
      return "\(machine.producers.count) producers wait"
    }
    if machine.consumers.map({ continuations.task(of: $0.continuation) }) != model.waitingConsumers.map(\.task) {
      return "\(machine.consumers.count) consumers wait"
    }
    if machine.isOpen != (model.phase == .open) { return "its end is not where it should be" }
    if machine.isFinished != (model.phase == .finished && model.queue.isEmpty) {
      return "it is not finished when it should"
    }
    return nil
  }
}

extension ChannelModel.Outcome {
  fileprivate init(_ result: SendResult<WatchedMachine.Machine.Cargo>) {
    switch result {
    case .sent: self = .sent
    case .cancelled(let cargo): self = .cancelled(cargo.elements)
    case .finished(let cargo): self = .finished(cargo.elements)
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
