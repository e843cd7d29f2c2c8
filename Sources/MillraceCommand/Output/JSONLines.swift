import Foundation

/// Writes values as JSON, one object a line, with the keys in order so that equal values give equal lines.
/// Floating-point values must be finite, as JSON has no others.
struct JSONLines {
  private let encoder: JSONEncoder

  init() {
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  /// Appends `value`, which encodes itself with keys, and a newline.
  func append(_ value: some Encodable, to output: inout [UInt8]) throws {
    output += try encoder.encode(value)
    output.append(UInt8(ascii: "\n"))
  }

  /// Appends the members of `value` and those of ``JSONPath`` in one object.
  func append(_ value: some Encodable, path: [UInt8], to output: inout [UInt8]) throws {
    try append(WithPath(path: JSONPath(path), value: value), to: &output)
  }

  private struct WithPath<Value: Encodable>: Encodable {
    let path: JSONPath
    let value: Value

    func encode(to encoder: any Encoder) throws {
      // Both encode into the one keyed container of the encoder.
      try path.encode(to: encoder)
      try value.encode(to: encoder)
    }
  }
}

/// A file's path as a member of a JSON object: `"path"` with the text if it is UTF-8, else `"pathBytes"` with the bytes
/// in base 64 (RFC 4648, padded), since a JSON string holds text alone. Exactly one of the two is there, and gives the
/// path's bytes back. A second path of an object has another name instead of `path`.
struct JSONPath: Encodable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  let bytes: [UInt8]
  private let name: String

  init(_ bytes: [UInt8], as name: String = "path") {
    (self.bytes, self.name) = (bytes, name)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    if let text = String(validating: bytes, as: UTF8.self) {
      try container.encode(text, forKey: Key(stringValue: name))
    } else {
      try container.encode(Data(bytes).base64EncodedString(), forKey: Key(stringValue: name + "Bytes"))
    }
  }
}
