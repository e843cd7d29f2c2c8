/// A piece of bytes that are decoded as UTF-8: a scalar, or a byte of an ill-formed sequence, which is 0x80 or above.
/// `String(decoding:as:)` would replace the latter by U+FFFD, and so lose its value.
enum UTF8Piece: Equatable {
  case scalar(Unicode.Scalar)
  case invalid(UInt8)

  static func forEach(in bytes: [UInt8], _ body: (UTF8Piece) -> Void) {
    var parser = UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var position = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let encoded):
        body(.scalar(UTF8.decode(encoded)))
        position += encoded.count
      case .error(let length):
        for byte in bytes[position..<(position + length)] { body(.invalid(byte)) }
        position += length
      case .emptyInput:
        return
      }
    }
  }
}
