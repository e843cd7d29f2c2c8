import Testing

@testable import MillraceCommand

@Suite struct UTF8PieceTests {
  private func pieces(_ bytes: [UInt8]) -> [UTF8Piece] {
    var pieces: [UTF8Piece] = []
    UTF8Piece.forEach(in: bytes) { pieces.append($0) }
    return pieces
  }

  @Test func scalars_and_invalid_bytes_in_order() {
    #expect(pieces([]) == [])
    #expect(pieces([0x61, 0xC3, 0xA9, 0xFF]) == [.scalar("a"), .scalar("é"), .invalid(0xFF)])
    #expect(pieces([0xE2, 0x82, 0x61]) == [.invalid(0xE2), .invalid(0x82), .scalar("a")])
    #expect(pieces([0xF0, 0x9F, 0x98]) == [.invalid(0xF0), .invalid(0x9F), .invalid(0x98)])
  }

  @Test func random_bytes_are_covered_once_each() {
    let seed = Seed()
    var random = seed.generator()
    for _ in 0..<2000 {
      let input = random.bytes(count: 0...24)
      let covered = pieces(input).flatMap { piece in
        switch piece {
        case .scalar(let scalar): Array(UTF8.encode(scalar)!)
        case .invalid(let byte): [byte]
        }
      }
      #expect(covered == input, "\(seed)")
      let isValid = String(validating: input, as: UTF8.self) != nil
      #expect(isValid == pieces(input).allSatisfy { if case .scalar = $0 { true } else { false } }, "\(seed)")
    }
  }
}
