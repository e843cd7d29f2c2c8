import FileEngines
import SystemPackage

extension FilePath {
  /// A path of these bytes, which end at the first NUL and need not be UTF-8.
  public init(bytes: [UInt8]) {
    self = (bytes + [0]).withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { FilePath(platformString: $0.baseAddress!) }
    }
  }

  /// The bytes, without a NUL.
  public var bytes: [UInt8] {
    withPlatformString { path in Array(UnsafeRawBufferPointer(start: path, count: length)) }
  }

  /// The path with a dot and an extension appended to its last name: `a/b.csv` becomes `a/b.csv.gz`.
  public func appendingExtension(_ added: String) -> FilePath {
    FilePath(bytes: bytes + Array(".\(added)".utf8))
  }
}

extension FileReference {
  /// A file by its path, byte for byte.
  public init(path: FilePath) {
    self.init(path: path.bytes)
  }
}
