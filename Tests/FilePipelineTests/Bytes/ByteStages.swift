import FilePipeline

struct UppercaseASCII: ByteStage {
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    input.withUnsafeBytes { bytes in
      for byte in bytes { output.append(byte >= 97 && byte <= 122 ? byte - 32 : byte) }
    }
  }

  mutating func finish(into output: inout ByteOutput) {}
}

/// Appends nothing before the end, and then all bytes in reverse order.
struct Reversed: ByteStage {
  private var held: [UInt8] = []

  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    input.withUnsafeBytes { held.append(contentsOf: $0) }
  }

  mutating func finish(into output: inout ByteOutput) {
    output.append(contentsOf: held.reversed())
  }
}

/// Appends each byte three times, and one more at the end.
struct Tripled: ByteStage {
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    input.withUnsafeBytes { for byte in $0 { output.append(contentsOf: repeatElement(byte, count: 3)) } }
  }

  mutating func finish(into output: inout ByteOutput) {
    output.append(33)
  }
}

/// Collects all bytes.
struct Collector: ByteReducer {
  private var bytes: [UInt8] = []

  mutating func update(_ piece: RawSpan) {
    precondition(piece.byteCount > 0, "a reducer gets at least one byte")
    piece.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  mutating func finish() -> [UInt8] { bytes }
}
