import Foundation
import Testing

@testable import MillraceCommand

@Suite struct JSONLinesTests {
  private struct Record: Encodable {
    var type = "file"
    var bytes = 3

  }

  private struct Decoded: Decodable {
    let path: String?
    let pathBytes: Data?
  }

  private func line(_ path: [UInt8]) throws -> [UInt8] {
    var output: [UInt8] = []
    try JSONLines().append(Record(), path: path, to: &output)
    return output
  }

  @Test func members_and_path_are_one_object_in_the_order_of_its_keys() throws {
    #expect(try line(bytes("a/é")) == bytes(#"{"bytes":3,"path":"a/é","type":"file"}"# + "\n"))
    #expect(try line([0x61, 0xFF]) == bytes(#"{"bytes":3,"pathBytes":"Yf8=","type":"file"}"# + "\n"))
  }

  @Test func a_value_without_a_path() throws {
    var output: [UInt8] = []
    try JSONLines().append(["b": 1, "a": 2], to: &output)
    #expect(output == bytes("{\"a\":2,\"b\":1}\n"))
  }

  @Test func names_come_back_byte_for_byte() throws {
    let seed = Seed()
    var random = seed.generator()
    for name in hostileNames + (0..<500).map({ _ in random.bytes(count: 0...12) }) {
      var line = try line(name)
      #expect(line.removeLast() == UInt8(ascii: "\n"))
      #expect(!line.contains(UInt8(ascii: "\n")))
      let decoded = try JSONDecoder().decode(Decoded.self, from: Data(line))
      #expect((decoded.path == nil) != (decoded.pathBytes == nil), "\(seed)")
      #expect(decoded.path.map(bytes) ?? decoded.pathBytes.map(Array.init) == name, "\(seed)")
    }
  }

  @Test func a_value_that_json_lacks_is_an_error() {
    var output: [UInt8] = []
    #expect(throws: EncodingError.self) { try JSONLines().append(["a": Double.nan], to: &output) }
  }
}
