import LinuxSystem
import SystemPackage

/// preadv2(2) with `RWF_NOWAIT` into the whole of `buffer`.
package func readCached(_ file: FileDescriptor, into buffer: IOBuffer, at offset: Int64) -> CachedRead {
  CachedRead(
    result: buffer.fill { memory, capacity in
      readCached(file, into: UnsafeMutableRawBufferPointer(start: memory, count: capacity), at: offset)
    })
}

/// ``LinuxSystem/readDirectory(_:through:mostBytes:_:)`` through the memory of a buffer, which is empty afterwards.
package func readDirectory(
  _ directory: FileDescriptor, through buffer: IOBuffer, mostBytes: Int, _ body: (DirectoryRecord) -> Void
) throws(Errno) {
  _ = try buffer.fill { bytes throws(Errno) in
    try bytes.withUnsafeMutableBytes { memory throws(Errno) in
      try readDirectory(directory, through: memory, mostBytes: mostBytes, body)
    }
    return 0
  }
}
