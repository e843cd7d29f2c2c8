import IOUring

/// Copies a file that fits into the buffer: seven operations, which the kernel takes together and does one after
/// another. The loop has a table of files: `RingLoop(Ring.Configuration(fileTable: 2))`.
func copy(_ source: FilePath, to target: FilePath, through buffer: IOBuffer, on loop: RingLoop) async throws {
  let (from, to) = (DirectDescriptor(0), DirectDescriptor(1))
  let size = Int(try await loop.perform(.status(of: source, followSymbolicLink: true)).size)
  let results = await loop.perform(
    OperationChain(.open(source, into: from))
      .then(.open(target, .writeOnly, options: [.create, .truncate], into: to))
      .then(.read(from, into: buffer, count: size, at: 0))
      .then(.write(to, from: buffer, count: size, at: 0))
      .then(.fsync(to))
      .always(.close(to))
      .always(.close(from)))
  // The first failure is the cause. What it left open is closed when the next file is opened into its place.
  for result in results { _ = try result.get() }
}

/// Has one loop copy, and tell another when it is done: the message goes from ring to ring, through no lock.
func copy(_ source: FilePath, to target: FilePath, on loop: RingLoop, telling other: RingLoop) async throws -> UInt64 {
  try await Task(executorPreference: loop) {
    try await copy(source, to: target, through: IOBuffer(capacity: 1 << 20), on: loop)
    try await loop.send(7, to: other)
  }.value
  return try await other.nextMessage()
}
