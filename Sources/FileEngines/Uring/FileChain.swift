import IOUring
import SystemPackage

/// Operations on a file without a name, as one chain on the ring: what of them was done, and what was not, as their
/// results tell.
///
/// Each is linked to the one before it (`IOSQE_IO_LINK`). A write that fails, or writes less than it was given, keeps
/// the next from beginning, so that a file that is not complete never gets its name. But the kernel goes on behind an
/// fsync, a link and a rename that have failed (seen on Linux 6.18): nothing stands behind one of these that must not
/// be done then. So a file that is to be on the disk first is linked by a chain of its own, and closing, which would
/// leave in doubt whose the descriptor is, is no part of a chain.
struct FileChain {
  enum Step: Sendable, Hashable {
    case write, sync
    /// Under its name, or a hidden one.
    case link
    case rename
  }

  enum Ending: Sendable, Hashable {
    case complete
    /// The kernel wrote fewer bytes than it was given.
    case short(count: Int)
    /// The first failure.
    case failed(Step, Errno)
  }

  /// The most operations of one.
  static let mostOperations = 2

  /// What the ring must be allowed to do.
  static let opcodes: Set<Opcode> = [.open, .write, .synchronize, .link, .rename, .close]

  private(set) var steps: [Step] = []
  private(set) var operations: OperationChain?
  private var byteCount = 0

  private mutating func add<Value>(_ step: Step, _ operation: RingOperation<Value>) {
    steps.append(step)
    operations = operations?.then(operation) ?? OperationChain(operation)
  }

  /// - Parameter count: of the bytes in the buffer; none are no operation.
  mutating func write(_ file: FileDescriptor, from buffer: IOBuffer, count: Int) {
    byteCount = count
    if count > 0 { add(.write, .write(file, from: buffer, count: count, at: 0)) }
  }

  mutating func synchronize(_ file: FileDescriptor) {
    add(.sync, .fsync(file))
  }

  /// - Parameter byDescriptor: without /proc; see ``IOUring/RingOperation/linkByDescriptor(_:to:at:)``.
  mutating func link(_ file: FileDescriptor, to name: FilePath, at directory: FileDescriptor, byDescriptor: Bool) {
    add(
      .link,
      byDescriptor ? .linkByDescriptor(file, to: name, at: directory) : .link(file, to: name, at: directory))
  }

  /// Replaces what has the name.
  mutating func rename(_ hidden: FilePath, to name: FilePath, at directory: FileDescriptor) {
    add(.rename, .rename(hidden, at: directory, to: name, newDirectory: directory))
  }

  /// - Parameter results: of the operations, as the kernel gives them.
  func ending(_ results: [Int32]) -> Ending {
    for (step, result) in zip(steps, results) {
      if result < 0 { return .failed(step, Errno(rawValue: -result)) }
      if step == .write && Int(result) < byteCount { return .short(count: Int(result)) }
    }
    return .complete
  }
}

extension FileChain.Step {
  /// As errors name it.
  var operation: FileError.Operation {
    switch self {
    case .write: .write
    case .sync: .sync
    case .link: .link
    case .rename: .rename
    }
  }
}
