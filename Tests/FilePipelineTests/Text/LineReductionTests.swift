import FilePipeline
import Testing

@Suite struct LineReductionTests {
  private static let table = "when,where,grams\r\n1,mill,2.5\r\n2,race,4\r\n3,mill,1.25"

  @Test func a_column_is_summed_in_every_pair_of_pieces() throws {
    for cut in 0...Self.table.utf8.count {
      let sum = LineReduction(into: 0.0) { sum, line in
        if line.number == 1 { return }
        sum += line.field(at: 2, separatedBy: UInt8(ascii: ","))?.decimal ?? 0
      }
      #expect(try sum.reduce(Self.table.utf8, cutAt: [cut]) == 7.75)
    }
  }

  @Test func the_first_line_that_is_found_ends_it() throws {
    for cut in 0...Self.table.utf8.count {
      var search = LineSearch { $0.contains("race") ? $0.number : nil }
      #expect(try search.reduce(Self.table.utf8, cutAt: [cut]) == 3)
      try search.update(Array(Self.table.utf8).span.bytes)
      #expect(search.hasEnough)
    }
    #expect(try LineSearch { $0.contains("stone") ? $0.number : nil }.reduce(Self.table.utf8) == nil)
    #expect(try LineSearch { $0.text }.reduce([]) == nil)
  }

  @Test func a_body_can_have_enough() throws {
    let header = LineReduction(into: [String]()) { header, line in
      if line.isEmpty { return .enough }
      header.append(line.text)
      return .more
    }
    #expect(try header.reduce("a\nb\n\nc\n".utf8) == ["a", "b"])
    #expect(try header.reduce([]) == [])
  }

  @Test func errors_come_through() {
    struct Failure: Error {}
    #expect(throws: Failure.self) { _ = try LineReduction(into: 0) { _, _ in throw Failure() }.reduce("a".utf8) }
    #expect(throws: LineTooLong(number: 2, limit: 2)) {
      _ = try LineReduction(into: 0, limit: 2) { $0 += $1.number }.reduce("ab\nabc\n".utf8)
    }
  }
}

@Suite struct LineStageTests {
  private static let text = "one\r\ntwo\n\nthree"

  @Test func lines_are_left_out_replaced_and_kept_with_their_terminators() throws {
    let chain = ByteStageChain([
      {
        LineStage { line, output in
          if line.isEmpty { return }
          if !line.contains("t") { return output.append(line) }
          output.append(contentsOf: "\(line.number)".utf8)
          output.append(line.terminator)
        }
      }
    ])
    for cuts in everyCutting(of: Self.text.utf8.count) {
      let output = try chain.transform(Self.text.utf8, cutAt: cuts)
      if output != Array("one\r\n2\n4".utf8) { Issue.record("cut at \(cuts): \(output)") }
    }
    #expect(try chain.transform([]) == [])
  }

  @Test func a_filter_keeps_lines_as_they_are() throws {
    let chain = ByteStageChain([{ LineStage(where: { $0.contains("e") }) }])
    #expect(try chain.transform(Self.text.utf8) == Array("one\r\nthree".utf8))
  }

  @Test func a_stage_can_have_enough() throws {
    let chain = ByteStageChain([
      {
        LineStage { line, output in
          output.append(line)
          return line.number == 2 ? .enough : .more
        }
      }
    ])
    for cut in 0...Self.text.utf8.count {
      #expect(try chain.transform(Self.text.utf8, cutAt: [cut]) == Array("one\r\ntwo\n".utf8))
      #expect(chain.hasEnough)
    }
  }

  @Test func a_long_line_fails() {
    #expect(throws: LineTooLong(number: 1, limit: 2)) {
      _ = try ByteStageChain([{ LineStage(limit: 2, where: { _ in true }) }]).transform("abc".utf8)
    }
  }
}
