import CUring
import Glibc
import SystemPackage

/// Operations that the kernel performs one after another without returning in between, as one value: a request and its
/// timeout; open, read, close.
///
/// ```swift
/// let file = DirectDescriptor(0)
/// let chain = OperationChain(.open("notes.txt", into: file))
///   .then(.read(file, into: buffer, at: 0))
///   .always(.close(file))
/// ```
///
/// A ring takes all of a chain or nothing of it, and the entries are submitted together (io_uring_enter(2),
/// `IOSQE_IO_LINK`). A chain is cancelled as a whole, and completes as a whole. At most one of its operations may have
/// the kernel choose a buffer.
public struct OperationChain {
  private(set) var entries: [SubmissionEntry]

  public init<Value>(_ first: RingOperation<Value>) {
    entries = [first.entry]
  }

  /// Adds an operation that begins when the one before it has succeeded. A read or write of fewer bytes than requested
  /// is no success. An operation that does not begin completes with `ECANCELED`.
  ///
  /// Not every failure ends a chain. Linux 6.18 begins the next operation nevertheless behind an fsync,
  /// sync_file_range, fallocate, statx, mkdirat, linkat, symlinkat, renameat or unlinkat that has failed: never put an
  /// operation behind one of these that must not be performed then. Behind a failed open, close, read, write or fadvise
  /// it is cancelled.
  public func then<Value>(_ next: RingOperation<Value>) -> OperationChain {
    adding(next.entry, UInt8(CURING_SQE_IO_LINK))
  }

  /// Adds an operation that begins when the one before it has completed, whatever its result (`IOSQE_IO_HARDLINK`). It
  /// is still cancelled if the one before it never began: put a close that must happen in any case directly behind the
  /// operation that may fail, or repeat it if its result is `ECANCELED`.
  public func always<Value>(_ next: RingOperation<Value>) -> OperationChain {
    adding(next.entry, UInt8(CURING_SQE_IO_HARDLINK))
  }

  /// Limits the time of the last operation, on the monotonic clock, from when it begins (`IORING_OP_LINK_TIMEOUT`).
  /// When the time is up the operation is cancelled, and its result is `ETIMEDOUT`.
  ///
  /// The kernel may set the timer only after the first attempt at the operation (Linux 6.18 does so). An operation that
  /// a worker thread begins and that waits there, such as a splice, is then not limited;
  /// ``RingLoop/perform(_:within:)`` limits it.
  public func within(_ duration: Duration) -> OperationChain {
    precondition(!entries[entries.count - 1].isLinkTimeout, "an operation has one timeout")
    return adding(
      SubmissionEntry(CURING_OP_LINK_TIMEOUT, length: 1, timeout: KernelTime(duration)), UInt8(CURING_SQE_IO_LINK))
  }

  private func adding(_ entry: SubmissionEntry, _ link: UInt8) -> OperationChain {
    precondition(
      entry.bufferGroup == nil || entries.allSatisfy { $0.bufferGroup == nil },
      "one operation of a chain may have the kernel choose a buffer")
    var chain = self
    let last = chain.entries.count - 1
    chain.entries[last].request.flags |= link
    // The operation that a timeout belongs to is linked to what follows the timeout.
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
        // EALREADY: the time was up, and the worker thread that performed the operation had to be interrupted.
        results[results.count - 1] = .failure(.timedOut)
      }
    }
    return results
  }
}

extension SubmissionEntry {
  var isLinkTimeout: Bool { Int(request.opcode) == CURING_OP_LINK_TIMEOUT }
}
