/// How a checksum manifest keeps a file name on one line: newline, carriage return and backslash become `\n`, `\r` and
/// `\\`, and a backslash at the start of the *line* says that this was done. Names are bytes, in no encoding.
enum NameEscaping {
  static let mark = UInt8(ascii: "\\")

  static func isNeeded(for name: [UInt8]) -> Bool {
    name.contains { letter(for: $0) != nil }
  }

  /// Appends the name escaped, without the mark.
  static func append(_ name: [UInt8], to output: inout [UInt8]) {
    for byte in name {
      if let letter = letter(for: byte) {
        output.append(mark)
        output.append(letter)
      } else {
        output.append(byte)
      }
    }
  }

  /// Appends the name as printed before `: OK` by a verification. As in coreutils, only a name with a newline is
  /// escaped and marked; in others a backslash is printed as it is.
  static func appendStatusName(_ name: [UInt8], to output: inout [UInt8]) {
    if name.contains(UInt8(ascii: "\n")) {
      output.append(mark)
      append(name, to: &output)
    } else {
      output += name
    }
  }

  /// The name that was escaped to `text`, or `nil` if a backslash in it is followed by none of the three letters.
  static func unescape(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var name: [UInt8] = []
    name.reserveCapacity(text.count)
    var isAfterBackslash = false
    for byte in text {
      if isAfterBackslash {
        guard let original = original(of: byte) else { return nil }
        name.append(original)
        isAfterBackslash = false
      } else if byte == mark {
        isAfterBackslash = true
      } else {
        name.append(byte)
      }
    }
    return isAfterBackslash ? nil : name
  }

  private static func letter(for byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "\n"): UInt8(ascii: "n")
    case UInt8(ascii: "\r"): UInt8(ascii: "r")
    case UInt8(ascii: "\\"): UInt8(ascii: "\\")
    default: nil
    }
  }

  private static func original(of letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "n"): UInt8(ascii: "\n")
    case UInt8(ascii: "r"): UInt8(ascii: "\r")
    case UInt8(ascii: "\\"): UInt8(ascii: "\\")
    default: nil
    }
  }
}
