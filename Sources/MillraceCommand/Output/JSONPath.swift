import Foundation

/// A file's path as a member of a JSON object: `"path"` with the text if it is UTF-8, else `"pathBytes"` with the bytes
/// in base 64 (RFC 4648, padded), since a JSON string holds text alone. Exactly one of the two is there, and gives the
/// path's bytes back.
struct JSONPath: Encodable {
  private enum CodingKeys: CodingKey { case path, pathBytes }

  let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if let text = String(validating: bytes, as: UTF8.self) {
      try container.encode(text, forKey: .path)
    } else {
      try container.encode(Data(bytes).base64EncodedString(), forKey: .pathBytes)
    }
  }
}
