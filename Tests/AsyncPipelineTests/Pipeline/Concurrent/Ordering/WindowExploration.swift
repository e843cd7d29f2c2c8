@testable import AsyncPipeline

/// What a reorder window is to do, said with what became of each number.
struct WindowModel: Hashable {
  enum Fate: Hashable { case open, finished, dropped, taken, gone }

  let size: Int
  /// Of the numbers that were admitted, from 0 on.
  var fates: [Fate] = []

  var freeCount: Int { size - fates.count { $0 != .gone } }

  /// - Returns: the elements that leave.
  mutating func takeReady() -> [Int] {
    let ready = fates.indices.prefix { fates[$0] != .open }.filter { fates[$0] == .finished || fates[$0] == .dropped }
    defer { for number in ready { fates[number] = .taken } }
    return ready.filter { fates[$0] == .finished }
  }

  mutating func freeSlots() {
    for number in fates.indices where fates[number] == .taken { fates[number] = .gone }
  }
}

/// Goes through every order of events, with the window and the model side by side.
struct WindowExploration {
  struct Disagreement: Error {
    let model: WindowModel
    let event: String
  }

  /// How many numbers are admitted in all.
  let total: Int
  private var seen: Set<WindowModel> = []

  init(total: Int) {
    self.total = total
  }

  var states: Int { seen.count }

  mutating func explore(_ window: ReorderWindow<Int>, _ model: WindowModel) throws {
    if !seen.insert(model).inserted { return }
    if window.freeCount != model.freeCount { throw Disagreement(model: model, event: "freeCount") }
    for count in 1...model.size where model.fates.count + count <= total { try admit(count, window, model) }
    for number in model.fates.indices where model.fates[number] == .open {
      for element in [number, nil] {
        var (window, model) = (window, model)
        window.finish(number, element)
        model.fates[number] = element == nil ? .dropped : .finished
        try explore(window, model)
      }
    }
    try leave(window, model)
  }

  private mutating func admit(_ count: Int, _ window: ReorderWindow<Int>, _ model: WindowModel) throws {
    var (window, model) = (window, model)
    let next = model.fates.count
    let expected = count <= model.freeCount ? next..<next + count : nil
    if window.admit(count) != expected { throw Disagreement(model: model, event: "admit \(count)") }
    if expected == nil { return }
    model.fates += Array(repeating: .open, count: count)
    try explore(window, model)
  }

  private mutating func leave(_ window: ReorderWindow<Int>, _ model: WindowModel) throws {
    var (window, model) = (window, model)
    // What was taken before has been passed on before more is taken, as in the reorder buffer.
    window.freeSlots()
    model.freeSlots()
    try explore(window, model)
    if window.takeReady() != model.takeReady() { throw Disagreement(model: model, event: "takeReady") }
    try explore(window, model)
  }
}
