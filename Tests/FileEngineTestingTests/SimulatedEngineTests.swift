import FileEngineTesting
import FileEngines
import FileTestSupport
import IOUring
import Synchronization
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct SimulatedEngineTests {
  /// What befalls ten files in a directory whose name is another each time: for each, in the order of their ends, its
  /// number and its error or its length.
  private func story(seed: UInt64, _ faults: SimulatedFaults) async throws -> [String] {
    let directory = try TemporaryDirectory()
    let paths = try (0..<10).map { try directory.write([UInt8].noise(10_000), to: "\($0)") }
    let story = Story()
    try await withSimulatedEngine(seed: seed, faults, root: directory.path) { engine in
      let lane = engine.lanes[0].executor
      await Task(executorPreference: lane) {
        await withTaskGroup(of: Void.self) { group in
          for (number, path) in paths.enumerated() {
            group.addTask(executorPreference: lane) {
              do throws(FileError) {
                let count = try await engine.contents(path).count
                story.append("\(number): \(count)")
              } catch {
                story.append("\(number): \(error.operation) \(error.offset ?? -1) \(error.reason)")
              }
            }
          }
        }
      }.value
    }
    #expect(directory.openDescriptors == 0)
    return story.lines
  }

  private var everything: SimulatedFaults {
    var faults = SimulatedFaults.harmless
    faults.tooManyOpenFiles = 0.1
    faults.interrupted = 0.05
    faults.tryAgain = 0.05
    faults.noSpace = 0.2
    faults.inputOutput = 0.1
    return faults
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func same_seed_is_the_same_story(_ seed: UInt64) async throws {
    let first = try await story(seed: seed, everything)
    let second = try await story(seed: seed, everything)
    #expect(first == second)
    let other = try await story(seed: seed + 100, everything)
    #expect(first != other)
  }

  @Test func calls_under_way_together_end_in_any_order_or_in_theirs() async throws {
    let order = { (faults: SimulatedFaults) in try await story(seed: 5, faults).map { $0.prefix(1) } }
    var inOrder = SimulatedFaults()
    inOrder.reordersCompletions = false
    #expect(try await order(inOrder) == (0..<10).map { "\($0)" }[...].map { $0.prefix(1) })
    let reordered = try await order(SimulatedFaults())
    #expect(reordered.sorted() == (try await order(inOrder)) && reordered != reordered.sorted())
  }

  @Test func each_fault_is_the_errno_it_says() async throws {
    let cases: [(WritableKeyPath<SimulatedFaults, Double>, Errno, FileError.Operation)] = [
      (\.tooManyOpenFiles, .tooManyOpenFiles, .open), (\.interrupted, .interrupted, .open),
      (\.tryAgain, .resourceTemporarilyUnavailable, .open), (\.inputOutput, .ioError, .read),
    ]
    let directory = try TemporaryDirectory()
    let path = try directory.write([1], to: "file")
    for (fault, errno, operation) in cases {
      var faults = SimulatedFaults()
      faults[keyPath: fault] = 1
      let (error, description) = try await withSimulatedEngine(seed: 1, faults) { engine in
        (await #expect(throws: FileError.self) { try await engine.contents(path) }, "\(engine)")
      }
      #expect(error?.cause == .system(errno) && error?.operation == operation)
      #expect(description.hasPrefix("simulated engine, seed 1, 1 simulated failure\n"))
    }
    #expect(directory.openDescriptors == 0)
  }

  @Test func cancelled_read_ends_so_or_gives_its_bytes_if_that_is_too_late() async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([1, 2, 3], to: "file")
    for isLate in [false, true] {
      var faults = SimulatedFaults()
      faults.lateCancellations = isLate ? 1 : 0
      try await withSimulatedEngine(seed: 1, faults) { engine in
        let task = Task(executorPreference: engine.lanes[0].executor) { () -> Result<Int, FileError> in
          do throws(FileError) {
            let file = try await engine.open(FileReference(path: path))
            withUnsafeCurrentTask { $0?.cancel() }
            let result: Result<Int, FileError>
            do throws(FileError) {
              result = .success(try await engine.read(file, into: IOBuffer(capacity: 4096), at: 0))
            } catch {
              result = .failure(error)
            }
            await engine.close(file)
            return result
          } catch {
            return .failure(error)
          }
        }
        let result = await task.value
        let cancelled = FileError(path: path, operation: .read, offset: 0, cause: .cancelled)
        #expect(result == (isLate ? .success(3) : .failure(cancelled)))
      }
    }
    #expect(directory.openDescriptors == 0)
  }
}

/// What happened, told by several tasks.
private final class Story: Sendable {
  private let told = Mutex<[String]>([])

  var lines: [String] { told.withLock { $0 } }

  func append(_ line: String) {
    told.withLock { $0.append(line) }
  }
}
