import FilePipeline
import FileStages

/// Something to do with a file's bytes.
struct StageTask {
  let name: String
  /// Takes a file that is a buffer so many times.
  let process: (_ buffer: [UInt8], _ times: Int) throws -> Void

  /// Stages, and at their end a reducer that does next to nothing.
  init(_ name: String, stages: [@Sendable () -> any ByteStage]) {
    self.name = name
    let chain = ByteStageChain(stages)
    process = { buffer, times in
      var total = ByteTotal()
      chain.begin()
      for _ in 0..<times { _ = try chain.push(buffer.span.bytes, into: &total) }
      _ = try chain.finish(into: &total)
    }
  }

  init(_ name: String, reducer: @escaping () -> some ByteReducer) {
    self.name = name
    process = { buffer, times in
      var reducer = reducer()
      for _ in 0..<times { try reducer.update(buffer.span.bytes) }
      if reducer.hasEnough { throw CannotMeasure("the rest of the file would not be read") }
      _ = try reducer.finish()
    }
  }

  static let space = UInt8(ascii: " ")

  static var all: [StageTask] {
    [
      StageTask("upper case, mapped", stages: [{ Uppercase() }]),
      StageTask("upper case, byte by byte", stages: [{ UppercaseByByte() }]),
      StageTask("upper case, in place", stages: [{ UppercaseInPlace() }]),
      StageTask("upper case, three times", stages: [{ Uppercase() }, { Uppercase() }, { Uppercase() }]),
      StageTask("lines, kept or left out", stages: [{ LineStage(where: { $0.contains(" 404 ") }) }]),
      StageTask("lines, counted", reducer: { LineReduction(into: 0) { count, _ in count += 1 } }),
      StageTask("lines, searched", reducer: { LineSearch { $0.contains("ERROR") ? $0.number : nil } }),
      StageTask(
        "lines, a column summed",
        reducer: {
          LineReduction(into: 0) { $0 += $1.field(at: 9, separatedBy: space)?.integer ?? 0 }
        }),
      StageTask("FirstMatch", reducer: { FirstMatch("ERROR") }),
      StageTask(
        "lines, counted, and FirstMatch",
        reducer: { LineReduction(into: 0) { count, _ in count += 1 }.and(FirstMatch("ERROR")) }),
    ]
  }
}

private struct Uppercase: ByteStage {
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    output.append(input, mapping: uppercase)
  }

  mutating func finish(into output: inout ByteOutput) {}
}

private struct UppercaseByByte: ByteStage {
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    input.withUnsafeBytes { for byte in $0 { output.append(uppercase(byte)) } }
  }

  mutating func finish(into output: inout ByteOutput) {}
}

private struct UppercaseInPlace: ByteStage {
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    output.append(addingCapacity: input.byteCount) { span in
      for offset in input.byteOffsets {
        span.append(uppercase(input.unsafeLoad(fromByteOffset: offset, as: UInt8.self)))
      }
    }
  }

  mutating func finish(into output: inout ByteOutput) {}
}

private func uppercase(_ byte: UInt8) -> UInt8 {
  byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 32 : byte
}

private struct ByteTotal: ByteReducer {
  private var total = 0

  mutating func update(_ bytes: RawSpan) { total += bytes.byteCount }
  mutating func finish() -> Int { total }
}
