import FilePipeline
import Testing

@Suite struct ByteStageChainTests {
  @Test func a_chain_without_stages_passes_bytes_on() throws {
    #expect(try ByteStageChain([]).transform([1, 2, 3], cutAt: [1]) == [1, 2, 3])
    #expect(try ByteStageChain([]).transform([]) == [])
  }

  @Test func every_cutting_gives_the_same_file_after_file() throws {
    let chain = ByteStageChain([{ UppercaseASCII() }, { Tripled() }, { Reversed() }])
    for cuts in everyCutting(of: 6) {
      #expect(try chain.transform("abc\0Zz".utf8, cutAt: cuts) == Array("!ZZZZZZ\0\0\0CCCBBBAAA".utf8))
      #expect(try chain.transform([]) == Array("!".utf8))
    }
  }

  @Test func after_a_stage_had_enough_nothing_is_read_and_it_is_finished() throws {
    for cuts in everyCutting(of: 6) {
      let chain = ByteStageChain([{ Prefix(2) }, { Tripled() }])
      #expect(try chain.transform("abcdef".utf8, cutAt: cuts) == Array("aaabbb...!".utf8))
      #expect(chain.hasEnough)
    }
  }

  @Test func a_stage_before_one_that_had_enough_is_not_finished() throws {
    let chain = ByteStageChain([{ Even() }, { Prefix(2) }])
    for cuts in everyCutting(of: 5) {
      #expect(try chain.transform("abcde".utf8, cutAt: cuts) == Array("ab.".utf8))
    }
    #expect(throws: CutOff.self) { _ = try chain.transform("a".utf8) }
    #expect(!chain.hasEnough)
  }

  @Test func a_stage_is_not_finished_for_a_reducer_that_had_enough() throws {
    let chain = ByteStageChain([{ Even() }])
    var first = First()
    chain.begin()
    let bytes: [UInt8] = [7, 8, 9]
    #expect(try chain.push(bytes.span.bytes, into: &first) == .enough)
    #expect(try chain.finish(into: &first) == 7)
  }

  @Test func a_failure_leaves_nothing_behind() throws {
    let chain = ByteStageChain([{ Even() }, { Tripled() }])
    #expect(throws: CutOff.self) { _ = try chain.transform("abc".utf8) }
    #expect(throws: CutOff.self) { _ = try chain.transform("a!b".utf8, cutAt: [1]) }
    #expect(try chain.transform("ab".utf8) == Array("aaabbb!".utf8))
  }
}

private struct CutOff: Error {}

/// Passes on bytes; fails at an exclamation mark, and at the end if their number is odd.
private struct Even: ByteStage {
  private var count = 0

  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) throws {
    if Array(input).contains(UInt8(ascii: "!")) { throw CutOff() }
    count += input.byteCount
    output.append(input)
  }

  mutating func finish(into output: inout ByteOutput) throws {
    if count % 2 != 0 { throw CutOff() }
  }
}

/// Passes on the first bytes, and appends a full stop at the end.
private struct Prefix: ByteStage {
  private var missing: Int

  init(_ count: Int) { missing = count }

  var hasEnough: Bool { missing == 0 }

  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    precondition(!hasEnough, "had enough")
    output.append(input.extracting(first: missing))
    missing -= min(missing, input.byteCount)
  }

  mutating func finish(into output: inout ByteOutput) {
    output.append(UInt8(ascii: "."))
  }
}

/// Outputs the first byte.
private struct First: ByteReducer {
  private var byte: UInt8?

  var hasEnough: Bool { byte != nil }

  mutating func update(_ bytes: RawSpan) {
    precondition(!hasEnough, "had enough")
    byte = bytes.unsafeLoad(as: UInt8.self)
  }

  mutating func finish() -> UInt8? { byte }
}
