import IOUring

func firstLine(of path: FilePath) async throws -> String {
  let loop = try RingLoop()
  let text = try await Task(executorPreference: loop) {
    let file = try await loop.perform(.open(path))
    let buffer = IOBuffer(capacity: 4096)
    let count = try await loop.perform(.read(file, into: buffer, at: 0))
    try await loop.perform(.close(file))
    return buffer.withBytes(count) { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
  }.value
  await loop.shutDown()
  return String(text.prefix { !$0.isNewline })
}
