import CMallocCount
import IOUring
import Measurement
import SystemPackage

/// What an operation on a loop costs in the steady state. Counts repeat, so they are gated; times do not.
struct LoopTable {
  /// Tasks on the loop, each with one operation in flight.
  static let tasks = 64
  /// Operations of each task that are counted, after as many that are not, in which queues grow.
  static let operations = 2000
  /// Heap allocations on the loop's thread. No operation has one of its own.
  static let mostAllocations = 0.01
  /// Calls of io_uring_enter(2).
  static let mostEnters = 0.1

  private enum Operation: String, CaseIterable {
    case nop, read, timeout
  }

  private struct Cost {
    let nanoseconds: Double
    let enters: Double
    let allocations: Double
  }

  func measured() async throws -> MeasuredTable {
    if malloc_count() < 0 { throw CannotMeasure("allocations cannot be counted in this build") }
    var table = MeasuredTable(
      "loop", title: "An operation on a ring loop, \(Self.tasks) in flight",
      columns: [
        .init("nanoseconds", "ns", places: 0), .init("enters", "enters", places: 4),
        .init("allocations", "allocations", places: 4),
      ])
    for operation in Operation.allCases {
      let (name, cost) = (operation.rawValue, try await cost(of: operation))
      table.rows.append(
        .init(
          name, ["nanoseconds": cost.nanoseconds, "enters": cost.enters, "allocations": cost.allocations]))
      table.gates += [
        Gate("loop.\(name).enters", count: cost.enters, limit: Self.mostEnters),
        Gate("loop.\(name).allocations", count: cost.allocations, limit: Self.mostAllocations),
      ]
    }
    return table
  }

  private func cost(of operation: Operation) async throws -> Cost {
    let file = try FileDescriptor.open("/dev/zero", .readOnly)
    defer { try? file.close() }
    let loop = try RingLoop(Ring.Configuration(operations: UInt32(Self.tasks)))
    do {
      // The first round is for the queues to grow.
      _ = try await round(operation, file, loop)
      let before = loop.statistics
      let start = ContinuousClock.now
      let allocations = try await round(operation, file, loop)
      let duration = ContinuousClock.now - start
      let count = Double(Self.tasks * Self.operations)
      let enters = Double(loop.statistics.enters - before.enters)
      await loop.shutDown()
      return Cost(
        nanoseconds: duration / .nanoseconds(1) / count, enters: enters / count,
        allocations: Double(allocations) / count)
    } catch {
      await loop.shutDown()
      throw error
    }
  }

  /// How often the loop's thread allocated while its tasks were at work: each task counts from its first operation to
  /// its last, and the longest count has nearly all of them.
  private func round(_ operation: Operation, _ file: FileDescriptor, _ loop: RingLoop) async throws -> Int {
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<Self.tasks {
        group.addTask(executorPreference: loop) {
          let buffer = IOBuffer(capacity: 4096)
          let before = malloc_count()
          for _ in 0..<Self.operations {
            switch operation {
            case .nop: try await loop.perform(.noOperation())
            case .read: _ = try await loop.perform(.read(file, into: buffer, at: 0))
            case .timeout: try await loop.perform(.timeout(.zero))
            }
          }
          return malloc_count() - before
        }
      }
      return try await group.reduce(0, max)
    }
  }
}
