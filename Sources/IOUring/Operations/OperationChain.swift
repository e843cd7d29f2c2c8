import CUring
import Glibc
import SystemPackage

/// Operations that the kernel performs one after another without coming back in between, as one value: a request and
/// its timeout; open, read, close.
///
/// ```swift
/// let place = DirectDescriptor(0)
/// let chain = OperationChain(.open("notes.txt", into: place))
///   .then(.read(place, into: buffer, at: 0))
///   .always(.close(place))
/// ```
///
/// A ring takes all of a chain or nothing of it, and the entries are submitted together (io_uring_enter(2),
/// `IOSQE_IO_LINK`).
public struct OperationChain {
  private(set) var entries: [SubmissionEntry]

  public init(_ first: SubmissionEntry) {
    entries = [first]
  }

  /// Adds an operation that begins when the one before it has succeeded. A read or write of fewer bytes than were asked
  /// for is no success; what cannot begin completes with `ECANCELED`.
  ///
  /// Not every failure counts. Linux 6.18 begins the next operation all the same behind an fsync, sync_file_range,
  /// fallocate, statx, mkdirat, linkat, symlinkat, renameat or unlinkat that has failed; what must not be done then
  /// does not belong behind one of them. Behind open, close, read, write and fadvise it is cancelled.
  public func then(_ entry: SubmissionEntry) -> OperationChain {
    adding(entry, UInt8(CURING_SQE_IO_LINK))
  }

  /// Adds an operation that begins when the one before it has ended, however that was (`IOSQE_IO_HARDLINK`). It is
  /// still cancelled where the one before it never began: a close that is to happen in any case belongs right behind
  /// the operation that may fail, or is to be repeated if its result is `ECANCELED`.
  public func always(_ entry: SubmissionEntry) -> OperationChain {
    adding(entry, UInt8(CURING_SQE_IO_HARDLINK))
  }

  /// Gives the last operation a time on the monotonic clock, from when it begins (`IORING_OP_LINK_TIMEOUT`). Where that
  /// does not do it is cancelled, and its result is `ETIMEDOUT`.
  ///
  /// The kernel may set the timer only when the operation has come back from its first attempt (Linux 6.18 does): one
  /// that is begun by a worker thread, such as a splice, and waits there is not cut short.
  /// ``RingLoop/perform(_:within:)`` cuts it short.
  public func within(_ duration: Duration) -> OperationChain {
    precondition(!entries[entries.count - 1].isLinkTimeout, "an operation has one timeout")
    return adding(
      SubmissionEntry(CURING_OP_LINK_TIMEOUT, length: 1, timeout: KernelTime(duration)), UInt8(CURING_SQE_IO_LINK))
  }

  /// Adds an operation that has nothing to do with the others, but is submitted with them or not at all.
  func beside(_ entry: SubmissionEntry) -> OperationChain {
    adding(entry, 0)
  }

  private func adding(_ entry: SubmissionEntry, _ link: UInt8) -> OperationChain {
    var chain = self
    let last = chain.entries.count - 1
    chain.entries[last].request.flags |= link
    // What follows a timeout follows the operation that has it, by the link that that has.
    if chain.entries[last].isLinkTimeout {
      chain.entries[last - 1].request.flags &= ~UInt8(CURING_SQE_IO_LINK)
      chain.entries[last - 1].request.flags |= link
    }
    chain.entries.append(entry)
    return chain
  }

  /// The results of the operations, without those of their timeouts.
  func results(_ raw: [Int32]) -> [Result<Int32, Errno>] {
    var results: [Result<Int32, Errno>] = []
    for (entry, result) in zip(entries, raw) {
      if !entry.isLinkTimeout {
        results.append(result < 0 ? .failure(Errno(rawValue: -result)) : .success(result))
      } else if result == -ETIME || result == -EALREADY, case .failure(let error) = results[results.count - 1],
        error == .canceled || error == .interrupted
      {
        // EALREADY: the time was up, and a worker thread was at the operation and had to be interrupted.
        results[results.count - 1] = .failure(.timedOut)
      }
    }
    return results
  }
}

extension SubmissionEntry {
  var isLinkTimeout: Bool { Int(request.opcode) == CURING_OP_LINK_TIMEOUT }

  /// Whether the next entry on the queue is of the same chain.
  var isLinked: Bool { request.flags & UInt8(CURING_SQE_IO_LINK | CURING_SQE_IO_HARDLINK) != 0 }
}
