import ArgumentParser
import CProcess
import Glibc

/// A command-line argument as the bytes that the kernel passed: above all a file name, which need not be UTF-8.
///
/// The argument parser works on `String`, and `CommandLine.arguments` replaces invalid bytes by U+FFFD, after which the
/// file is not found. So arguments are mapped to strings that keep every byte: valid UTF-8 stays as it is, and any
/// other byte, always 0x80 or above, becomes the private-use scalar U+10FF00 + byte. An argument that has one of these
/// scalars already gets it mapped byte by byte as well, so that no two arguments become the same string.
///
/// Give the parser ``commandLine()``, and declare arguments that name files as `ArgumentBytes`:
/// ```swift
/// @Argument var paths: [ArgumentBytes]
/// ```
/// The parser compares characters, not scalars: it refuses `--option=NAME` as unknown if the name begins with a
/// combining mark, which joins the `=`. As a word of its own such a name is taken.
struct ArgumentBytes: Hashable, Sendable {
  private static let standInOffset: UInt32 = 0x10_FF00
  private static let standIns = (standInOffset + 0x80)...(standInOffset + 0xFF)

  let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The bytes that a string from the parser represents.
  init(parsed: String) {
    var bytes: [UInt8] = []
    for scalar in parsed.unicodeScalars {
      if Self.standIns.contains(scalar.value) {
        bytes.append(UInt8(scalar.value - Self.standInOffset))
      } else {
        bytes += UTF8.encode(scalar)!
      }
    }
    self.bytes = bytes
  }

  /// The string that represents these bytes for the parser.
  var parsable: String {
    var scalars = String.UnicodeScalarView()
    UTF8Piece.forEach(in: bytes) { piece in
      switch piece {
      case .invalid(let byte): scalars.append(Self.standIn(for: byte))
      case .scalar(let scalar) where Self.standIns.contains(scalar.value):
        scalars.append(contentsOf: UTF8.encode(scalar)!.map(Self.standIn))
      case .scalar(let scalar): scalars.append(scalar)
      }
    }
    return String(scalars)
  }

  /// The arguments of this process, without the program's name.
  static func commandLine() -> [String] {
    // Only the C strings have the bytes. They live as long as the process, and are not written to.
    var rest = process_arguments() ?? CommandLine.unsafeArgv
    var arguments: [String] = []
    while let argument = rest.pointee {
      arguments.append(ArgumentBytes(Array(UnsafeRawBufferPointer(start: argument, count: strlen(argument)))).parsable)
      rest += 1
    }
    return Array(arguments.dropFirst())
  }

  private static func standIn(for byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(standInOffset + UInt32(byte))!
  }
}

extension ArgumentBytes: ExpressibleByArgument {
  init(argument: String) { self.init(parsed: argument) }

  var defaultValueDescription: String { String(decoding: bytes, as: UTF8.self) }

  static var defaultCompletionKind: CompletionKind { .file() }
}
