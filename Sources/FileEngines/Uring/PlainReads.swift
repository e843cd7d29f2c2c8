import Glibc
import IOUring
import Synchronization
import SystemPackage

/// Reads by pread(2) on the threads of the loops, of files whose file system does not know `RWF_NOWAIT`: a ring's read of one
/// goes to a worker thread of the kernel, even if all of it is in memory, and costs two context switches.
///
/// It is done where such a read seldom waits: a tmpfs waits for what was swapped out only, and an overlayfs (every container has
/// one) for what is not in the page cache of the disk below it. When a read has had to wait the ring does the next ones. An
/// overlay of a file system that itself is a daemon's or a server's makes the loop wait for that, now and then. What is such a
/// file system, or any other without `RWF_NOWAIT`, the ring reads.
final class PlainReads: Sendable {
  private enum Answer {
    /// Somebody is asking.
    case pending
    /// Whether reads seldom wait; for so many more reads, after which somebody asks again: numbers of devices are used again.
    case known(Bool, reads: Int)
  }

  /// By the device, as fstat(2) numbers them.
  private let devices = Mutex<[UInt64: Answer]>([:])
  /// Of the devices that are remembered. A guess: more than are mounted where trees are walked.
  private static let mostDevices = 64
  /// For which an answer is good. A guess: asking takes as long as some ten of them.
  private static let readsPerAnswer = 4096
  /// By the loop's place among the loops.
  private let paces: [WaitPace]

  init(loops: Int) {
    paces = (0..<loops).map { _ in WaitPace() }
  }

  /// How many bytes came; nil if the ring must be asked, which will also say what is wrong.
  func read(_ file: OpenFile, into buffer: IOBuffer, at offset: Int64, loop: Int) -> Int? {
    guard seldomWaits(file) else { return nil }
    let pace = paces[loop]
    if pace.callsWait {
      pace.pass()
      return nil
    }
    return pace.noting { try? file.readBlocking(into: buffer, at: offset) }
  }

  private func seldomWaits(_ file: OpenFile) -> Bool {
    let (answer, shallAsk) = devices.withLock { devices -> (Bool, shallAsk: Bool) in
      switch devices[file.device] {
      case .pending: return (false, false)
      case .known(let answer, let reads) where reads > 0:
        devices[file.device] = .known(answer, reads: reads - 1)
        return (answer, false)
      case .known(let answer, _):
        devices[file.device] = .pending
        return (answer, true)
      case nil:
        if devices.count == Self.mostDevices { return (false, false) }
        devices[file.device] = .pending
        return (false, true)
      }
    }
    if shallAsk { ask(file) }
    return answer
  }

  /// On a thread of its own, once for each device: the daemon or the server of a file system is asked, too, and may never answer.
  private func ask(_ file: OpenFile) {
    let device = file.device
    let copy = DescriptorReserve.sparing { negatedErrno { fcntl(file.descriptor.rawValue, F_DUPFD_CLOEXEC, 0) } }
    if copy < 0 { return note(device, seldomWaits: false) }
    let descriptor = FileDescriptor(rawValue: copy)
    do throws(Errno) {
      try startThread(name: "device-query") { [weak self] in
        let type = fileSystemType(of: descriptor)
        try? descriptor.close()
        self?.note(device, seldomWaits: Self.seldomWaits(type))
      }
    } catch {
      try? descriptor.close()
      note(device, seldomWaits: false)
    }
  }

  private func note(_ device: UInt64, seldomWaits: Bool) {
    devices.withLock { $0[device] = .known(seldomWaits, reads: Self.readsPerAnswer) }
  }

  /// Of a tmpfs, a ramfs or an overlayfs, as linux/magic.h numbers them.
  private static func seldomWaits(_ type: UInt64?) -> Bool {
    [0x0102_1994, 0x8584_58f6, 0x794c_7630].contains(type)
  }
}
