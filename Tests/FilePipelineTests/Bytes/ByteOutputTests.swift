import FilePipeline
import Testing

@Suite struct ByteOutputTests {
  @Test func appends_in_every_way_follow_one_another() {
    var output = ByteOutput()
    output.append(1)
    output.append([2, 3] as [UInt8])
    output.append(contentsOf: [4, 5])
    output.append(contentsOf: (6...7).lazy.map { UInt8($0) })
    output.append(([8, 9] as [UInt8]).span.bytes)
    output.append(([0, 1] as [UInt8]).span.bytes, mapping: { $0 + 10 })
    output.append(addingCapacity: 5) { span in
      span.append(12)
      span.append(13)
    }
    output.append(addingCapacity: 0) { _ in }
    output.append(contentsOf: [] as [UInt8])
    #expect(output.count == 13)
    #expect(output.withBytes { Array($0) } == Array(1...13))
  }

  @Test(arguments: [1, 2, 4095, 4096, 4097, 100_000])
  func growing_keeps_the_bytes(_ step: Int) {
    var output = ByteOutput()
    var expected: [UInt8] = []
    for round in 0..<20 {
      let piece = (0..<step).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ round) }
      round % 2 == 0 ? output.append(piece.span.bytes) : output.append(piece.span.bytes, mapping: { $0 })
      expected += piece
    }
    #expect(output.withBytes { Array($0) } == expected)
  }

  @Test func what_a_throwing_body_has_written_is_appended() {
    struct Failure: Error {}
    var output = ByteOutput()
    #expect(throws: Failure.self) {
      try output.append(addingCapacity: 9) { span in
        span.append(1)
        throw Failure()
      }
    }
    #expect(output.withBytes { Array($0) } == [1])
  }

  @Test(arguments: [1, 100, 4095, 4096])
  func too_many_bytes_in_one_call_fail_the_file_and_the_next_is_well(_ limit: Int) throws {
    let chain = ByteStageChain([{ Zeros() }], outputLimit: limit)
    for step in [1, 7, limit, limit + 1, 3 * limit] {
      let (fitting, tooMany) = (limit / step, limit / step + 1)
      for means in UInt8(0)..<3 {
        #expect(try chain.transform([means] + word(step) + word(fitting)).count == step * fitting)
        #expect(throws: ByteOutputTooLarge(limit: limit)) {
          _ = try chain.transform([means] + word(step) + word(tooMany))
        }
      }
    }
  }
}

private func word(_ value: Int) -> [UInt8] {
  withUnsafeBytes(of: value) { Array($0) }
}

extension ByteOutput {
  fileprivate mutating func append(_ bytes: [UInt8]) {
    append(bytes.span.bytes)
  }
}

/// Appends zeros in one call: how often, how many and by which function is given by the input.
private struct Zeros: ByteStage {
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    let zeros = [UInt8](repeating: 0, count: input.unsafeLoadUnaligned(fromByteOffset: 1, as: Int.self))
    for _ in 0..<input.unsafeLoadUnaligned(fromByteOffset: 9, as: Int.self) {
      switch input.unsafeLoad(as: UInt8.self) {
      case 0: output.append(zeros.span.bytes)
      case 1: output.append(zeros.span.bytes, mapping: { $0 })
      default: for byte in zeros { output.append(byte) }
      }
    }
  }

  mutating func finish(into output: inout ByteOutput) {}
}
