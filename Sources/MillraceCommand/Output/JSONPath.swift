import Foundation

/// A file's path as a member of a JSON object: `"path"` with the text if it is UTF-8, else `"pathBytes"` with the bytes
/// in base 64 (RFC 4648, padded), since a JSON string holds text alone. Exactly one of the two is there, and gives the
/// path's bytes back. Another path of the object has another name in place of `path`.
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
