import Foundation
import Testing

extension Trait where Self == ConditionTrait {
  /// For a test that runs the program whose format is implemented. Earlier versions do not escape carriage returns, and
  /// other implementations differ more.
  static var comparedWithSha256sum: Self {
    .enabled("needs sha256sum of GNU coreutils, 9.1 or later") {
      let version = try await TemporaryDirectory().shell("sha256sum --version").output
      let firstLine = String(decoding: version.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
      guard firstLine.contains("GNU coreutils"), let number = firstLine.split(separator: " ").last else { return false }
      return number.compare("9.1", options: .numeric) != .orderedAscending
    }
  }
}

/// The SHA-256 of `abc`: FIPS 180-2, appendix B.1.
let abcDigits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
