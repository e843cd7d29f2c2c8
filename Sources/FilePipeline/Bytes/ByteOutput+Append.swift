extension ByteOutput {
  @inlinable
  @inline(__always)
  public mutating func append(_ byte: UInt8) {
    if used == capacity { _ = grow(by: 1) }
    base.unsafelyUnwrapped.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
    used &+= 1
  }

  /// Appends a copy of `bytes`.
  @inlinable
  public mutating func append(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { append($0) }
  }

  /// Appends the result of `mapping` for each byte. A mapping without branches and calls is vectorized, for 16 bytes or
  /// more at a time.
  @inlinable
  @inline(__always)
  public mutating func append(_ bytes: RawSpan, mapping: (UInt8) -> UInt8) {
    guard hasRoom(for: bytes.byteCount) else { return }
    bytes.withUnsafeBytes { source in
      guard let base else { return }
      let target = base + used
      for index in 0..<source.count {
        target.storeBytes(of: mapping(source[index]), toByteOffset: index, as: UInt8.self)
      }
    }
    used &+= bytes.byteCount
  }

  @inlinable
  public mutating func append(contentsOf bytes: some Sequence<UInt8>) {
    let isDone: Void? = bytes.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
    if isDone == nil { for byte in bytes { append(byte) } }
  }

  /// Appends what `body` writes into memory for `count` bytes, as for a codec in C:
  ///
  /// ```swift
  /// output.append(addingCapacity: LZ4_compressBound(…)) { span in
  ///   span.withUnsafeMutableBytes { buffer, initializedCount in
  ///     initializedCount = LZ4_compress_default(…, buffer.baseAddress, …)
  ///   }
  /// }
  /// ```
  ///
  /// If `body` throws, what it has written is appended too.
  ///
  /// - Precondition: `count` is no more than ``limit``.
  @inlinable
  public mutating func append<Failure: Error>(
    addingCapacity count: Int, initializingWith body: (inout OutputRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(count >= 0 && count <= limit, "an output has no room for \(count) bytes")
    _ = hasRoom(for: count)
    let free = UnsafeMutableRawBufferPointer(start: base.map { $0 + used }, count: count)
    var span = OutputRawSpan(buffer: free, initializedCount: 0)
    do throws(Failure) {
      try body(&span)
    } catch {
      used += span.finalize(for: free)
      throw error
    }
    used += span.finalize(for: free)
  }

  @inlinable
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0, hasRoom(for: bytes.count) else { return }
    (base.unsafelyUnwrapped + used).copyMemory(from: source, byteCount: bytes.count)
    used &+= bytes.count
  }
}
