import FilePipeline
import Testing

@Suite struct LineSplitterTests {
  /// All texts of up to six of these bytes, cut into pieces in every way, compared with the lines by definition.
  @Test func every_short_text_in_every_cutting_has_the_lines_of_the_text() throws {
    for text in everyText(of: [0, UInt8(ascii: "a"), UInt8(ascii: "\r"), UInt8(ascii: "\n")], longest: 6) {
      let expected = plainLines(text)
      for cuts in everyCutting(of: text.count) {
        let lines = try split(text, cutAt: cuts)
        if lines != expected { Issue.record("\(text) cut at \(cuts): \(lines)") }
      }
    }
  }

  @Test func bounds_hold_in_every_cutting() throws {
    for text in everyText(of: [UInt8(ascii: "a"), UInt8(ascii: "\r"), UInt8(ascii: "\n")], longest: 6) {
      for limit in 0...3 {
        let lines = plainLines(text)
        let tooLong = lines.first { $0.bytes.count > limit }
        for cuts in everyCutting(of: text.count) {
          var seen: [Seen] = []
          do {
            seen = try split(text, cutAt: cuts, limit: limit)
            if tooLong != nil { Issue.record("\(text) cut at \(cuts) is within \(limit)") }
          } catch {
            if error as? LineTooLong != tooLong.map({ LineTooLong(number: $0.number, limit: limit) }) {
              Issue.record("\(text) cut at \(cuts): \(error)")
            }
            continue
          }
          if seen != lines { Issue.record("\(text) cut at \(cuts): \(seen)") }
        }
      }
    }
  }

  @Test func after_enough_the_body_is_not_called() throws {
    let text = Array("one\ntwo\r\nthree\nfour".utf8)
    for wanted in 1...4 {
      for cut in text.indices {
        var seen = 0
        var splitter = LineSplitter()
        let body: (Line) -> ByteDemand = { line in
          seen += 1
          return line.number == wanted ? .enough : .more
        }
        try text.forEachPiece(cutAt: [cut]) { try splitter.split($0, body) }
        try splitter.finish(body)
        #expect(seen == wanted && splitter.hasEnough)
      }
    }
  }

  @Test func an_error_of_the_body_comes_through() {
    struct Failure: Error {}
    var splitter = LineSplitter()
    #expect(throws: Failure.self) {
      try splitter.split(Array("a\n".utf8).span.bytes) { _ in throw Failure() }
    }
  }

  @Test func a_line_within_a_piece_is_not_copied() throws {
    let text = Array("first\nsecond\n".utf8)
    var splitter = LineSplitter()
    try text.span.bytes.withUnsafeBytes { piece in
      try splitter.split(text.span.bytes) { line in
        line.bytes.withUnsafeBytes { #expect($0.baseAddress == piece.baseAddress! + Int(line.offset)) }
        return .more
      }
    }
  }
}

private struct Seen: Equatable {
  let number: Int
  let offset: Int64
  let bytes: [UInt8]
  let terminator: Line.Terminator
}

private func split(
  _ text: [UInt8], cutAt cuts: [Int], limit: Int = LineSplitter.defaultLimit
) throws -> [Seen] {
  var lines: [Seen] = []
  var splitter = LineSplitter(limit: limit)
  let body: (Line) -> ByteDemand = { line in
    lines.append(
      Seen(number: line.number, offset: line.offset, bytes: Array(line.bytes), terminator: line.terminator))
    return .more
  }
  try text.forEachPiece(cutAt: cuts) { try splitter.split($0, body) }
  try splitter.finish(body)
  return lines
}

/// The lines by definition, byte by byte.
private func plainLines(_ text: [UInt8]) -> [Seen] {
  var lines: [Seen] = []
  var (line, offset) = ([UInt8](), 0)
  func end(_ terminator: Line.Terminator) {
    lines.append(Seen(number: lines.count + 1, offset: Int64(offset), bytes: line, terminator: terminator))
    offset += line.count + terminator.byteCount
    line = []
  }
  for byte in text {
    if byte != UInt8(ascii: "\n") {
      line.append(byte)
    } else if line.last == UInt8(ascii: "\r") {
      line.removeLast()
      end(.carriageReturnNewline)
    } else {
      end(.newline)
    }
  }
  if !line.isEmpty { end(.none) }
  return lines
}

private func everyText(of alphabet: [UInt8], longest: Int) -> [[UInt8]] {
  var (texts, last) = ([[]] as [[UInt8]], [[]] as [[UInt8]])
  for _ in 0..<longest {
    last = last.flatMap { text in alphabet.map { text + [$0] } }
    texts += last
  }
  return texts
}
