import IOUring
import Synchronization
import SystemPackage

/// Reads by pread(2) on the threads of the loops, of files whose file system does not know `RWF_NOWAIT`: a ring's read of one
/// goes to a worker thread of the kernel, even if all of it is in memory, and costs two context switches.
///
/// What is only in memory cannot wait. What a layered file system (overlayfs: every container has it) gives from a disk's page
/// cache does not, and mostly it is cached where its name is: it is read here until a read has had to wait, and for a while after
/// that by the ring. Other file systems without `RWF_NOWAIT` may be those of a daemon or a server: the ring reads them.
final class PlainReads: Sendable {
  private enum FileSystem {
    case memory, layered, other

    /// Numbers as of linux/magic.h: tmpfs and ramfs; overlayfs.
    init(type: UInt64?) {
      switch type {
      case 0x0102_1994, 0x8584_58f6: self = .memory
      case 0x794c_7630: self = .layered
      default: self = .other
      }
    }
  }

  /// By the device, as fstat(2) numbers them.
  private let fileSystems = Mutex<[UInt64: FileSystem]>([:])
  /// Of the devices that are remembered. A guess: more than are mounted where trees are walked.
  private static let mostDevices = 64
  /// By the loop's place among the loops.
  private let paces: [WaitPace]

  init(loops: Int) {
    paces = (0..<loops).map { _ in WaitPace() }
  }

  /// How many bytes came; nil if the ring must be asked, which will also say what is wrong.
  func read(_ file: OpenFile, into buffer: IOBuffer, at offset: Int64, loop: Int) -> Int? {
    switch fileSystem(of: file) {
    case .memory: return try? file.readBlocking(into: buffer, at: offset)
    case .layered:
      let pace = paces[loop]
      if pace.callsWait {
        pace.pass()
        return nil
      }
      return pace.noting { try? file.readBlocking(into: buffer, at: offset) }
    case .other: return nil
    }
  }

  private func fileSystem(of file: OpenFile) -> FileSystem {
    if let known = fileSystems.withLock({ $0[file.device] }) { return known }
    let found = FileSystem(type: fileSystemType(of: file.descriptor))
    fileSystems.withLock { if $0.count < Self.mostDevices { $0[file.device] = found } }
    return found
  }
}
