@testable import AsyncPipeline

/// The state machine in the model's words: tasks are numbers, and who is resumed is written down. A value, so that a test can
/// go on from one state in several ways.
struct WatchedMachine {
  typealias Machine = ChannelStateMachine<Int>
  typealias Outcome = ChannelModel.Outcome

  private enum ID {
    case producer(Machine.WaiterID)
    case consumer(Machine.WaiterID)
  }

  private var machine: Machine
  private var ids: [ID?]
  private let continuations: Continuations
  /// By the last event; nil for a task that nobody knows.
  private(set) var resumed: [(task: Int?, outcome: Outcome)] = []

  init(capacity: Int, continuations: Continuations) {
    machine = Machine(capacity: capacity)
    ids = Array(repeating: nil, count: continuations.count)
    self.continuations = continuations
  }

  // MARK: Events

  /// - Returns: nil if the task must wait.
  mutating func begin(_ task: Int, _ role: ChannelModel.Role) -> Outcome? {
    resumed = []
    switch role {
    case .sends(let count): return send(ChannelModel.elements(of: task, count: count), by: task)
    case .receives(let limit): return receive(upTo: limit, by: task)
    case .polls(let limit):
      let (elements, resumption) = machine.take(upTo: limit)
      write(resumption)
      return .received(elements)
    case .shares(let limit, let parts): return receive(upTo: limit, parts: parts, by: task)
    }
  }

  /// As `Channel.send` does: the quick way first, for a single element.
  private mutating func send(_ elements: [Int], by task: Int) -> Outcome? {
    if elements.count == 1, machine.offer(elements[0]) { return .sent }
    let (step, resumption) = machine.send(elements)
    write(resumption)
    switch step {
    case .done: return .sent
    case .finished: return .finished(elements)
    case .mustWait(let id):
      ids[task] = .producer(id)
      return nil
    }
  }

  /// As `Channel.next` does: the quick way first, for a single element.
  private mutating func receive(upTo limit: Int, parts: Int = 1, by task: Int) -> Outcome? {
    if limit == 1, let element = machine.takeOne() { return .received([element]) }
    let (step, resumption) = machine.receive(upTo: limit, parts: parts)
    write(resumption)
    switch step {
    case .elements(let elements): return .received(elements)
    case .finished: return .received([])
    case .mustWait(let id):
      ids[task] = .consumer(id)
      return nil
    }
  }

  mutating func park(_ task: Int) {
    resumed = []
    switch ids[task]! {
    case .producer(let id): write(machine.parkProducer(id, continuations.producers[task]))
    case .consumer(let id): write(machine.parkConsumer(id, continuations.consumers[task]))
    }
  }

  mutating func cancel(_ task: Int) {
    resumed = []
    switch ids[task]! {
    case .producer(let id): write(machine.cancelProducer(id))
    case .consumer(let id): write(machine.cancelConsumer(id))
    }
  }

  /// Whether it keeps a decision that somebody is still to hear of.
  var keepsDecisions: Bool { !machine.decidedProducers.isEmpty || !machine.decidedConsumers.isEmpty }

  mutating func finish() {
    resumed = []
    write(machine.finish())
  }

  // MARK: Resumptions

  private mutating func write(_ resumption: Machine.Resumption) {
    for (continuation, outcome) in resumption.producers {
      resumed.append((continuations.task(of: continuation), Outcome(outcome)))
    }
    for (continuation, elements) in resumption.consumers {
      resumed.append((continuations.task(of: continuation), .received(elements)))
    }
  }
}

extension ChannelModel.Outcome {
  fileprivate init(_ outcome: Channel<Int>.BatchSendResult) {
    switch outcome {
    case .sent: self = .sent
    case .cancelled(let rest): self = .cancelled(rest)
    case .finished(let rest): self = .finished(rest)
    }
  }
}
