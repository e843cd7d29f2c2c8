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

  /// Appends the members of `value` and among them the path, as ``JSONPath`` has it.
  func append(_ value: some Encodable, path: [UInt8], to output: inout [UInt8]) throws {
    try append(WithPath(path: JSONPath(path), value: value), to: &output)
  }

  private struct WithPath<Value: Encodable>: Encodable {
    let path: JSONPath
    let value: Value

    func encode(to encoder: any Encoder) throws {
      // Both ask for the encoder's container with keys, and an encoder has one.
      try path.encode(to: encoder)
      try value.encode(to: encoder)
    }
  }
}
