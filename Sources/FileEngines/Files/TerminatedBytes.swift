extension [UInt8] {
  /// Calls `body` with the string that begins at `start` and ends in a NUL. The pointer is valid during the call.
  func withCString<R>(from start: Int = 0, _ body: (UnsafePointer<CChar>) -> R) -> R {
    withUnsafeBufferPointer { bytes in
      bytes[start...].withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
    }
  }
}

extension Collection<UInt8> {
  /// The bytes with a NUL behind them, for system calls.
  var terminated: [CChar] {
    [CChar](unsafeUninitializedCapacity: count + 1) { memory, initialized in
      let bytes = UnsafeMutableRawBufferPointer(memory)
      bytes.copyBytes(from: self)
      bytes[count] = 0
      initialized = count + 1
    }
  }
}
