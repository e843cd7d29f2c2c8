extension [UInt8] {
  /// Calls `body` with the string that begins at `start` and ends in a NUL. The pointer is valid during the call.
  func withCString<R>(from start: Int = 0, _ body: (UnsafePointer<CChar>) -> R) -> R {
    withUnsafeBufferPointer { bytes in
      bytes[start...].withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
    }
  }
}
