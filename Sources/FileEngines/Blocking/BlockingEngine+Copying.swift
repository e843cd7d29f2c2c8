#if Foundation
import Foundation
import LinuxSystem
import SystemPackage

// Copies, too, go through `FileHandle`: the kernel is not asked to copy or to share blocks, as the other engines ask
// it. Holes are found as they are by the others, since `FileHandle` cannot tell where they are.
extension BlockingEngine: ByteTransferring {
  func transfer(from source: borrowing OpenFile, to target: borrowing WritableFile) -> any ByteTransfer {
    HandleTransfer(from: source, to: target, count: configuration.alignedBufferSize)
  }
}

/// Reads through one `FileHandle` and writes through another.
private final class HandleTransfer: ByteTransfer {
  private let source: PositionedHandle
  private let target: PositionedHandle
  private let references: (source: FileReference, target: FileReference)
  /// How many bytes are asked for at a time.
  private let count: Int

  init(from source: borrowing OpenFile, to target: borrowing WritableFile, count: Int) {
    self.source = PositionedHandle(FileHandle(fileDescriptor: source.descriptor.rawValue, closeOnDealloc: false))
    self.target = PositionedHandle(FileHandle(fileDescriptor: target.descriptor.rawValue, closeOnDealloc: false))
    references = (source.reference, target.reference)
    self.count = count
  }

  func move(at offset: Int64) throws(FileError) -> Int {
    let data = try read(at: offset)
    if data.isEmpty { return 0 }
    do {
      try target.write(data, at: offset)
    } catch {
      throw FileError(references.target, .copy, offset: offset, .system(Errno(error)))
    }
    return data.count
  }

  private func read(at offset: Int64) throws(FileError) -> Data {
    var data = Data()
    let result = retryOnNegatedInterrupt {
      do {
        // The search for holes moves the descriptor.
        source.forgetPosition()
        return try source.read(at: offset, upTo: count) { data = $0 }
      } catch {
        return -Int(Errno(error).rawValue)
      }
    }
    if result < 0 {
      throw FileError(references.source, .read, offset: offset, .system(Errno(rawValue: Int32(-result))))
    }
    return data
  }
}
#endif
