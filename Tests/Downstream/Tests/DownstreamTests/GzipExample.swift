import CZlib
import FilePipeline

/// Compresses with zlib.
struct GzipEncoder: ByteStage {
  private final class Stream {
    var state = z_stream()
    deinit { deflateEnd(&state) }
  }
  private let stream = Stream()

  init(level: Int32 = 6) { gzip_init(&stream.state, level) }

  func transform(_ input: RawSpan, into output: inout ByteOutput) { run(input, Z_NO_FLUSH, &output) }
  func finish(into output: inout ByteOutput) { run(RawSpan(), Z_FINISH, &output) }

  private func run(_ input: RawSpan, _ flush: Int32, _ output: inout ByteOutput) {
    input.withUnsafeBytes { bytes in
      stream.state.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
      stream.state.avail_in = UInt32(bytes.count)
      repeat {
        output.append(addingCapacity: 64 << 10) { room in
          room.withUnsafeMutableBytes { memory, count in
            stream.state.next_out = memory.bindMemory(to: UInt8.self).baseAddress
            stream.state.avail_out = UInt32(memory.count)
            deflate(&stream.state, flush)
            count = memory.count - Int(stream.state.avail_out)
          }
        }
      } while stream.state.avail_out == 0
    }
  }
}

/// Compresses a tree into another one, file by file, and returns how many files that were.
func compress(_ source: FilePath, into target: FilePath) async throws -> Int {
  try await FilePipeline.files(under: source)
    .transform { GzipEncoder() }
    .write(to: target, naming: { $0.appendingExtension("gz") })
    .map { try $0.value }
    .count()
}
