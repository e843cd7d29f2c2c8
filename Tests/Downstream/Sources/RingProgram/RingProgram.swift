import Glibc
import IOUring

/// What a program can do with the ring alone: this imports `IOUring`, and the C library to check the results.
@main
struct RingProgram {
  struct Failure: Error {
    let expectation: String
  }

  /// Longer than any thread that a runtime keeps idle lives.
  private static let idleTime = Duration.seconds(10)

  static func main() async throws {
    try await withTemporaryDirectory { directory in
      try await checkSmallCopy(in: directory)
      try await checkLargeCopy(in: directory)
    }
    try checkBareRings()
    try await checkIdleRead()
  }

  static func expect(_ isTrue: Bool, _ expectation: String) throws {
    if !isTrue { throw Failure(expectation: expectation) }
  }

  /// A chain that does it all, and a message from loop to loop.
  private static func checkSmallCopy(in directory: FilePath) async throws {
    let (source, target) = (directory.appending("small"), directory.appending("copy of small"))
    let bytes = Array("The water does not wait for the wheel.\n".utf8)
    try write(bytes, to: source)
    let (worker, other) = (try RingLoop(Ring.Configuration(fileTable: 2)), try RingLoop())
    let message = try await copy(source, to: target, on: worker, telling: other)
    await worker.shutDown()
    await other.shutDown()
    try expect(message == 7, "the message arrives")
    try expect(read(target) == bytes, "the small copy is whole")
    print("a small file: copied by one chain, and a message from ring to ring says so")
  }

  private static func checkLargeCopy(in directory: FilePath) async throws {
    let (source, target) = (directory.appending("large"), directory.appending("copy of large"))
    let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 16) }
    try write(bytes, to: source)
    let loop = try RingLoop(Ring.Configuration(fileTable: 2))
    let chains = try await Task(executorPreference: loop) {
      try await LargeCopy(on: loop).copy(source, to: target, through: IOBuffer(capacity: 64 << 10))
    }.value
    let operations = loop.statistics.operations
    await loop.shutDown()
    try expect(read(target) == bytes, "the large copy is whole")
    print("a large file: copied by \(operations) operations in \(chains) chains")
  }

  /// A message without loops: two rings of one thread.
  private static func checkBareRings() throws {
    var sender = try Ring()
    var receiver = try Ring()
    let id = try sender.push(.message(42, to: receiver.descriptor))
    try sender.submit(waitingFor: 1)
    var completions: [Ring.Completion] = []
    sender.takeCompletions { completions.append($0) }
    try expect(completions.map(\.id) == [id] && completions[0].result == 0, "the message is sent")
    try receiver.submit(waitingFor: 1)
    var messages: [UInt64] = []
    receiver.takeCompletions({ _ in }, onMessage: { messages.append($0) })
    try expect(messages == [42], "the message is received")
    print("bare rings: a message from one to the other")
  }

  private static func checkIdleRead() async throws {
    let loop = try RingLoop()
    let (bytes, usage) = try await IdleRead().read(after: idleTime, on: loop)
    await loop.shutDown()
    try expect(bytes == Array("water".utf8), "the read that was pending gets its bytes")
    let hasSlept = usage.processorTime <= IdleRead.mostProcessorTime && usage.waits <= IdleRead.mostWaits
    try expect(hasSlept, "a loop with nothing to do sleeps: \(usage)")
    print("a read pending for \(idleTime): \(usage.processorTime) of the processor, \(usage.waits) waits")
  }
}
