#if DEBUG
@testable import MillraceCommand

/// The input is a name, such as a file may have.
///
/// - In a message it is on one line, without effect on a terminal, and can be read back: no two names look the same.
/// - Escaped in a manifest, or given to the parser of arguments, it comes back.
/// - Anything that can be taken for an escaped name keeps its meaning when it is escaped again.
func checkName(_ name: [UInt8]) {
  var quoted: [UInt8] = []
  QuotedName.append(name, to: &quoted)
  require(quoted.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a quoted name has no control characters")
  require(String(validating: quoted, as: UTF8.self) != nil, "a quoted name is text")
  require(unquoted(quoted) == name, "\(name) was quoted as \(quoted)")

  var escaped: [UInt8] = []
  NameEscaping.append(name, to: &escaped)
  require(!escaped.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }, "an escaped name is on one line")
  require(NameEscaping.isNeeded(for: name) == (escaped != name), "escaping is needed where it changes something")
  require(NameEscaping.unescape(escaped[...]) == name, "\(name) was escaped as \(escaped)")
  if let original = NameEscaping.unescape(name[...]) {
    var again: [UInt8] = []
    NameEscaping.append(original, to: &again)
    require(NameEscaping.unescape(again[...]) == original, "\(name) stands for \(original)")
  }

  let parsable = ArgumentBytes(name).parsable
  require(ArgumentBytes(parsed: parsable).bytes == name, "\(name) was given to the parser as \(parsable)")
}

/// What a shell takes a quoted name for: the reverse of `QuotedName`.
private func unquoted(_ text: [UInt8]) -> [UInt8]? {
  let quote = UInt8(ascii: "'")
  if text.starts(with: "$'".utf8) { return text.last == quote ? unescaped(text.dropFirst(2).dropLast()) : nil }
  if text.first == quote { return text.count > 1 && text.last == quote ? Array(text.dropFirst().dropLast()) : nil }
  return text
}

private func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8]? {
  let letters: [UInt8: UInt8] = [
    UInt8(ascii: "n"): UInt8(ascii: "\n"), UInt8(ascii: "r"): UInt8(ascii: "\r"),
    UInt8(ascii: "t"): UInt8(ascii: "\t"), UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "'"): UInt8(ascii: "'"),
  ]
  var (bytes, rest) = ([UInt8](), text)
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "'") { return nil }
    guard byte == UInt8(ascii: "\\") else {
      bytes.append(byte)
      continue
    }
    guard let next = rest.first else { return nil }
    if let letter = letters[next] {
      bytes.append(letter)
      rest.removeFirst()
    } else {
      guard rest.count >= 3, let octal = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) else {
        return nil
      }
      bytes.append(octal)
      rest = rest.dropFirst(3)
    }
  }
  return bytes
}
#endif
